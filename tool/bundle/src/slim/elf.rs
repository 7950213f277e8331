//! Shared libraries without what only debuggers and linkers read: symbol tables, debug information, section headers.
//!
//! The loader goes by the program headers: what no segment holds is never mapped. So that is blanked where it lies, and
//! cut off where it ends the file; nothing moves, and every offset stays true. `strip` moves what it leaves, and would
//! have to be on the machine, for each processor. The format: <https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html>.

use object::elf::{ET_DYN, FileHeader64, SHF_ALLOC, SHN_UNDEF, SHT_NOBITS, SHT_NULL};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, SectionTable};
use object::{Endianness, U16, U64, pod};
use std::ops::Range;

type Header = FileHeader64<Endianness>;

/// Sections that compilers and linkers make, by the first part of their names: `.data.rel.ro`. One of another name may be
/// looked up in the file: Qt 5 finds what a plugin is in `.qtmetadata`, through the section headers.
const USUAL: [&[u8]; 33] = [
    b"bss",
    b"data",
    b"debug_gdb_scripts",
    b"dynamic",
    b"dynstr",
    b"dynsym",
    b"eh_frame",
    b"eh_frame_hdr",
    b"fini",
    b"fini_array",
    b"gcc_except_table",
    b"gnu",
    b"got",
    b"hash",
    b"init",
    b"init_array",
    b"interp",
    b"jcr",
    b"lbss",
    b"ldata",
    b"lrodata",
    b"note",
    b"plt",
    b"preinit_array",
    b"rel",
    b"rela",
    b"relr",
    b"relro_padding",
    b"rodata",
    b"tbss",
    b"tdata",
    b"text",
    b"tm_clone_table",
];

/// What tools write for tools.
const FOR_TOOLS: [&[u8]; 10] = [
    b".symtab",
    b".strtab",
    b".shstrtab",
    b".comment",
    b".gnu_debuglink",
    b".gnu_debugaltlink",
    b".gnu_debugdata",
    b".gdb_index",
    b".gnu.build.attributes",
    b".annobin.notes",
];

/// Whether a file is a shared library, by its name: `fast.so`, `libpq.so.5.18`. OpenSSL's FIPS module is not one to
/// change: it hashes its own file. <https://docs.openssl.org/3.0/man5/fips_config/>
pub fn is_library(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    let numbered = || {
        last.split_once(".so.").is_some_and(|(_, version)| version.bytes().all(|it| it == b'.' || it.is_ascii_digit()))
    };
    (last.ends_with(".so") || numbered()) && last != "fips.so"
}

/// Reduce a library to what is loaded. One that is not understood whole stays as it is: another format, sections of
/// unknown use, data behind what the headers tell of.
pub fn reduce(library: &mut Vec<u8>) {
    if let Some(plan) = plan(library) {
        plan.carry_out(library);
    }
}

struct Plan {
    endian: Endianness,
    blank: Vec<Range<usize>>,
    length: usize,
}

fn plan(library: &[u8]) -> Option<Plan> {
    let header = Header::parse(library).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, library).ok()?;
    if header.e_type(endian) != ET_DYN || sections.is_empty() {
        return None;
    }
    let loaded = loaded(header, endian, library)?;
    let table = table(header, endian)?;
    let mut told = vec![table.clone()];
    told.extend(sections.iter().filter_map(|section| stored(section, endian)));
    let end = |ranges: &[Range<usize>]| ranges.iter().map(|range| range.end).max().unwrap_or(0);
    let told_end = end(&told).max(end(&loaded));
    if told_end > library.len() || library[told_end..].iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut unneeded = unneeded(&sections, endian)?;
    unneeded.push(table);
    let mut blank: Vec<Range<usize>> = unneeded.into_iter().flat_map(|range| without(range, &loaded)).collect();
    blank.sort_by_key(|range| range.start);
    // Whatever else is behind the segments, patched libraries have leftovers there, is nobody's to cut.
    let mut length = library.len();
    for range in blank.iter().rev() {
        // Sections may lie in one another.
        if range.end < length && library[range.end..length].iter().any(|byte| *byte != 0) {
            break;
        }
        length = length.min(range.start);
    }
    Some(Plan { endian, blank, length: length.max(end(&loaded)) })
}

impl Plan {
    fn carry_out(self, library: &mut Vec<u8>) {
        for range in self.blank {
            library[range].fill(0);
        }
        library.truncate(self.length);
        if let Ok((header, _)) = pod::from_bytes_mut::<Header>(library) {
            header.e_shoff = U64::new(self.endian, 0);
            header.e_shnum = U16::new(self.endian, 0);
            header.e_shstrndx = U16::new(self.endian, SHN_UNDEF);
        }
    }
}

/// The header, the program headers and what the segments hold, which must all be in the file.
fn loaded(header: &Header, endian: Endianness, library: &[u8]) -> Option<Vec<Range<usize>>> {
    let segments = header.program_headers(endian, library).ok()?;
    let headers = range(header.e_phoff(endian), size_of_val(segments) as u64)?;
    let mut found = vec![0..size_of::<Header>(), headers];
    for segment in segments {
        found.push(range(segment.p_offset(endian), segment.p_filesz(endian))?);
    }
    found.iter().all(|range| range.end <= library.len()).then_some(found)
}

/// Where the section headers are.
fn table(header: &Header, endian: Endianness) -> Option<Range<usize>> {
    let size = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
    range(header.e_shoff(endian), size)
}

/// Where a section is in the file, if it is there.
fn stored(section: &impl SectionHeader<Endian = Endianness>, endian: Endianness) -> Option<Range<usize>> {
    if matches!(section.sh_type(endian), SHT_NULL | SHT_NOBITS) {
        return None;
    }
    range(section.sh_offset(endian).into(), section.sh_size(endian).into())
}

/// The sections for tools; `None` when there is one of unknown use.
fn unneeded(sections: &SectionTable<'_, Header>, endian: Endianness) -> Option<Vec<Range<usize>>> {
    let mut found = Vec::new();
    for section in sections.iter() {
        let name = sections.section_name(endian, section).ok()?;
        if section.sh_flags(endian).contains(SHF_ALLOC) {
            let first = name.strip_prefix(b".")?.split(|byte| *byte == b'.').next()?;
            if !USUAL.contains(&first) {
                return None;
            }
        } else if let Some(place) = stored(section, endian) {
            let debug = name.starts_with(b".debug_") || name.starts_with(b".zdebug_");
            if !debug && !FOR_TOOLS.contains(&name) {
                return None;
            }
            found.push(place);
        }
    }
    Some(found)
}

fn range(offset: u64, size: u64) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    Some(start..end)
}

/// What of a range is in none of the others.
fn without(range: Range<usize>, others: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut left = vec![range];
    for other in others {
        left = left
            .into_iter()
            .flat_map(|part| [part.start..part.end.min(other.start), part.start.max(other.end)..part.end])
            .filter(|part| !part.is_empty())
            .collect();
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_have_so_in_their_names() {
        for (name, expected) in [
            ("a/fast.cpython-313-x86_64-linux-gnu.so", true),
            ("a.libs/libpq-e9b5c9ac.so.5.18", true),
            ("a/readme.so.txt", false),
            ("a.so/data", false),
            ("ossl-modules/fips.so", false),
        ] {
            assert_eq!(is_library(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_in_no_other_range_is_left() {
        assert_eq!(without(0..10, &[2..4, 3..5, 9..20]), [0..2, 5..9]);
        assert_eq!(without(0..10, std::slice::from_ref(&(0..10))), Vec::<Range<usize>>::new());
        assert_eq!(without(3..5, &[0..3, 5..9]), vec![3..5]);
    }

    fn check_untouched(library: &[u8]) {
        let mut reduced = library.to_vec();
        reduce(&mut reduced);
        assert!(reduced == library);
    }

    #[test]
    fn what_is_no_library_stays() {
        for content in [&b""[..], b"\x7fELF", b"\x7fELF\x02\x01\x01", b"#!/bin/sh\n", &[0x7f; 200]] {
            check_untouched(content);
        }
    }

    /// This test itself is a file as the loader takes it, with symbols and debug information.
    #[cfg(target_os = "linux")]
    mod on_linux {
        use super::*;
        use proptest::prelude::*;
        use std::os::unix::fs::PermissionsExt;
        use std::process::Command;

        fn own() -> Vec<u8> {
            std::fs::read("/proc/self/exe").expect("read")
        }

        fn position(haystack: &[u8], needle: &[u8]) -> usize {
            haystack.windows(needle.len()).rposition(|window| window == needle).expect("it is there")
        }

        #[test]
        fn what_is_left_runs_as_before() {
            let before = own();
            let mut reduced = before.clone();
            reduce(&mut reduced);
            assert!(reduced.len() < before.len() / 2, "{} of {}", reduced.len(), before.len());
            let directory = tempfile::tempdir().expect("a temporary directory");
            let place = directory.path().join("reduced");
            std::fs::write(&place, reduced).expect("written");
            std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).expect("executable");
            let list = |program: &std::path::Path| Command::new(program).arg("--list").output().expect("it runs");
            let (there, here) = (list(&place), list(&std::env::current_exe().expect("a path")));
            assert!(there.status.success());
            assert_eq!(there.stdout, here.stdout);
        }

        #[test]
        fn what_has_more_than_the_headers_tell_stays() {
            let mut appended = own();
            appended.extend(b"payload");
            check_untouched(&appended);
            let mut unknown = own();
            let name = position(&unknown, b"\0.comment\0");
            unknown[name..name + 10].copy_from_slice(b"\0.payload\0");
            check_untouched(&unknown);
            let mut looked_up = own();
            let name = position(&looked_up, b"\0.gcc_except_table\0");
            looked_up[name..name + 19].copy_from_slice(b"\0.qtmetadata_table\0");
            check_untouched(&looked_up);
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]
            #[test]
            fn nothing_panics_and_nothing_grows(
                length in 0usize..4096,
                flips in prop::collection::vec((0usize..64, any::<u8>()), 0..4),
                // Where sections are said to be, and how long: bytes 24 to 40 of the headers of 64.
                sections in prop::collection::vec((1usize..30, 24usize..40, any::<u8>()), 0..8),
            ) {
                let whole = own();
                let table = u64::from_le_bytes(whole[40..48].try_into().expect("eight")) as usize;
                let mut library = whole[..if length < 2048 { whole.len() } else { length }].to_vec();
                let flips = flips.into_iter().chain(sections.into_iter().map(|(index, at, byte)| (table + 64 * index + at, byte)));
                for (at, byte) in flips {
                    if let Some(place) = library.get_mut(at) {
                        *place = byte;
                    }
                }
                let before = library.len();
                reduce(&mut library);
                prop_assert!(library.len() <= before);
            }
        }
    }
}
