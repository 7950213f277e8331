//! What lists and locks of dependencies mean, with the real uv and a package index.

mod common;

use common::check_refused;

#[test]
fn nothing_is_built_whoever_asks_for_it() {
    const APP: (&str, &str) = ("app.py", "");
    const LIST: (&str, &str) = ("requirements.txt", "docopt==0.6.2\n");
    let setting = "[tool.uv]\nno-binary-package = [\"docopt\"]\n";
    let built = "`docopt` was built from source";
    // Twice, as it is in uv's cache then.
    for _ in 0..2 {
        check_refused(&[APP, ("requirements.txt", "--no-binary docopt\ndocopt==0.6.2\n")], |_| {}, built);
        check_refused(&[APP, ("pyproject.toml", setting), LIST], |_| {}, "no-binary-package");
    }
    for option in ["--only-binary :none:", "--no-binary :all:"] {
        let list = format!("{option}\ndocopt==0.6.2\n");
        check_refused(&[APP, ("requirements.txt", &list)], |_| {}, "docopt");
    }
}
