//! The kiosk's pages, as Slint makes them of `appliance/ui`: one window, and one global for each area.

slint::include_modules!();
