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
