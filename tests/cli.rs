//! The command line as a whole: arguments in; output and exit code out. One file per case.

#[test]
fn commands() {
    cases().case("tests/cmd/*.toml");
}

/// What the README shows is what the program prints.
#[test]
fn the_readme() {
    cases().case("README.md");
}

/// So is what the page on rules of one's own shows.
#[test]
fn the_page_on_custom_rules() {
    cases().case("docs/custom-rules.md");
}

/// Colours are taken out of what the cases compare.
#[test]
fn colours_are_forced_by_the_environment() -> std::io::Result<()> {
    let coloured = |variables: &[(&str, &str)]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_deprompt"))
            .args(["check", "--no-config", "tests/cmd/suppressed.in"])
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("FORCE_COLOR")
            .envs(variables.iter().copied())
            .output()?;
        Ok::<bool, std::io::Error>(output.stdout.contains(&0x1b))
    };
    assert!(coloured(&[("FORCE_COLOR", "1")])?);
    assert!(coloured(&[("CLICOLOR_FORCE", "1")])?);
    assert!(!coloured(&[])?);
    assert!(!coloured(&[("FORCE_COLOR", "0")])?);
    assert!(!coloured(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")])?);
    Ok(())
}

fn cases() -> trycmd::TestCases {
    let cases = trycmd::TestCases::new();
    // What decides about colours and widths outside of the tests must not decide here.
    for variable in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "COLUMNS",
    ] {
        cases.env(variable, "");
    }
    cases
}
