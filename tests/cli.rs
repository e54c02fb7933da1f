//! The command line as a whole: arguments in; output and exit code out. One file per case.

#[test]
fn commands() {
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
    cases.case("tests/cmd/*.toml");
}
