//! The options of the JVM.

/// Kilobytes that the classes and the compiled code of a large function may take at most.
const METASPACE: i64 = 160 << 10;
const CODE: i64 = 80 << 10;

/// The options that AWS's runtimes start the JVM with, but for those for which the function has its own among
/// `JAVA_TOOL_OPTIONS`: the JVM reads these first, and the command line would go before them.
///
/// Classes get a tenth of the memory, compiled code a twentieth, the heap the rest:
/// <https://stackoverflow.com/a/40469970> for 256 MB, <https://github.com/lambci/docker-lambda/issues/102> for 3008 MB.
/// The first compiler alone works from Java 17 on, the second alone before:
/// <https://docs.aws.amazon.com/lambda/latest/dg/java-customization.html>.
pub(super) fn of(major: u64, megabytes: i64, own: &str) -> Vec<String> {
    let total = megabytes << 10;
    let metaspace = (total / 10).min(METASPACE);
    let code = (total / 20).min(CODE);
    let heap = total - metaspace - code;
    let compilers = if major < 17 { ["-XX:-TieredCompilation"].as_slice() } else { &["-XX:TieredStopAtLevel=1"] };
    let says = |names: &[&str]| names.iter().any(|name| own.contains(name));

    let mut options = vec!["-Xshare:auto".to_owned(), "-Djava.net.preferIPv4Stack=true".to_owned()];
    if !says(&["MaxHeapSize", "-Xmx", "MaxRAM"]) {
        options.push(format!("-XX:MaxHeapSize={heap}k"));
    }
    if !says(&["MaxMetaspaceSize"]) {
        options.push(format!("-XX:MaxMetaspaceSize={metaspace}k"));
    }
    if !says(&["ReservedCodeCacheSize"]) {
        options.push(format!("-XX:ReservedCodeCacheSize={code}k"));
    }
    let chooses = |option: &str| option.starts_with("-XX:+Use") && option.ends_with("GC");
    if !own.split_whitespace().any(chooses) {
        options.push("-XX:+UseSerialGC".to_owned());
    }
    if !says(&["Tiered"]) {
        options.extend(compilers.iter().map(|&option| option.to_owned()));
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(major: u64, megabytes: i64, own: &str, expected: &str) {
        assert_eq!(of(major, megabytes, own)[2..].join(" "), expected);
    }

    #[test]
    fn memory_is_shared_as_aws_shares_it() {
        let small = "-XX:MaxHeapSize=222823k -XX:MaxMetaspaceSize=26214k -XX:ReservedCodeCacheSize=13107k \
                     -XX:+UseSerialGC -XX:-TieredCompilation";
        check(11, 256, "", small);
        let large = "-XX:MaxHeapSize=2834432k -XX:MaxMetaspaceSize=163840k -XX:ReservedCodeCacheSize=81920k \
                     -XX:+UseSerialGC -XX:TieredStopAtLevel=1";
        check(17, 3008, "-Dx=y", large);
    }

    #[test]
    fn the_functions_own_options_go_before() {
        check(
            21,
            256,
            "-XX:+UseParallelGC -Xmx99m -XX:TieredStopAtLevel=4",
            "-XX:MaxMetaspaceSize=26214k -XX:ReservedCodeCacheSize=13107k",
        );
        check(
            21,
            256,
            "-XX:+PrintGCDetails -XX:MaxRAMPercentage=50 -XX:MaxMetaspaceSize=9m -XX:ReservedCodeCacheSize=9m",
            "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        );
    }
}
