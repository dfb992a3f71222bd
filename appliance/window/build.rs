//! Compiles the screens.

fn main() -> Result<(), slint_build::CompileError> {
    // Without it a test finds no button by its name; a kiosk at work has no use for it.
    let is_headless = std::env::var_os("CARGO_FEATURE_HEADLESS").is_some();
    let config = slint_build::CompilerConfiguration::new()
        .with_debug_info(is_headless)
        .with_bundled_translations("../lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None);
    slint_build::compile_with_config("../ui/app.slint", config)
}
