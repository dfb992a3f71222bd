//! A person's hands on the screens: buttons and fields are found by the names that a screen reader
//! would speak.

use std::collections::HashSet;

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery};
use slint::platform::{Key, WindowEvent};
use slint::{ComponentHandle, SharedString};

use crate::screens::window::App;

/// Presses a button or a row of a list, or goes into a field.
pub(super) fn press(app: &App, label: &str) -> Result<(), String> {
    let found: Vec<ElementHandle> = ElementHandle::find_by_accessible_label(app, label).collect();
    let of = |role| found.iter().find(|it| it.accessible_role() == Some(role));
    let roles = [AccessibleRole::Button, AccessibleRole::ListItem, AccessibleRole::TextInput];
    let Some(element) = roles.into_iter().find_map(of) else {
        return Err(format!("there is no button or field {label:?}"));
    };
    if element.accessible_enabled() == Some(false) {
        return Err(format!("{label:?} cannot be pressed now"));
    }
    element.invoke_accessible_default_action();
    Ok(())
}

/// Types into what has the focus; `\b` rubs out, `\t` goes on, `\n` is Return.
pub(super) fn type_text(app: &App, text: &str) -> Result<(), String> {
    let text = text.replace("\\b", "\u{8}").replace("\\t", "\t").replace("\\n", "\n");
    text.chars().try_for_each(|it| key(app, it.into()))
}

/// Rubs out all of the field that has the focus.
pub(super) fn clear(app: &App) -> Result<(), String> {
    let control = SharedString::from(Key::Control);
    dispatch(app, WindowEvent::KeyPressed { text: control.clone() })?;
    key(app, "a".into())?;
    dispatch(app, WindowEvent::KeyReleased { text: control })?;
    key(app, SharedString::from(Key::Backspace))
}

/// Everything that a screen reader would speak, from the top of the tree to its end.
pub(super) fn read(app: &App) -> Vec<String> {
    let spoken = ElementQuery::from_root(app)
        .match_descendants()
        .match_predicate(|it| it.accessible_role().is_some())
        .find_all();
    let mut lines = Vec::new();
    // One element can be found several times.
    let mut places = HashSet::new();
    for element in spoken {
        let (place, size) = (element.absolute_position(), element.size());
        let place = [place.x, place.y, size.width, size.height].map(f32::to_bits);
        let label = element.accessible_label().unwrap_or_default();
        let value = element.accessible_value().filter(|it| *it != label).unwrap_or_default();
        let line = format!("{label} {value}").trim().replace('\n', " ");
        if !line.is_empty() && places.insert((place, line.clone())) {
            lines.push(line);
        }
    }
    lines
}

fn key(app: &App, text: SharedString) -> Result<(), String> {
    dispatch(app, WindowEvent::KeyPressed { text: text.clone() })?;
    dispatch(app, WindowEvent::KeyReleased { text })
}

fn dispatch(app: &App, event: WindowEvent) -> Result<(), String> {
    app.window().dispatch_event_with_result(event).map(drop).map_err(|it| it.to_string())
}
