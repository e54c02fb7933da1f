//! How the commands speak: colours, and how much.

use clap::Args;

/// How the commands speak.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Terminal {
    /// Whether to colour the output.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Terminal"
    )]
    pub(super) color: Color,
    /// Print the findings and errors only.
    #[arg(short, long, global = true, help_heading = "Terminal")]
    pub(super) quiet: bool,
    /// Say what was read, and what could not be, on standard error.
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "quiet",
        help_heading = "Terminal"
    )]
    pub(super) verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR says no or FORCE_COLOR says yes.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Terminal {
    /// Settles for the whole run whether output is coloured.
    pub(super) fn choose_colours(self) {
        match self.color {
            Color::Auto if colour_is_forced() => anstream::ColorChoice::Always.write_global(),
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

/// Whether the environment asks for colours wherever the output goes, as `FORCE_COLOR` does in many tools;
/// `CLICOLOR_FORCE` and `NO_COLOR` are known without this.
fn colour_is_forced() -> bool {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty());
    set("FORCE_COLOR").is_some_and(|v| v != "0" && v != "false") && set("NO_COLOR").is_none()
}
