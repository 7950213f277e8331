//! What the cloud tells the launcher, and what it is told: fields that end with a zero byte, which no argument, variable or
//! path can have.

use super::walls::Layers;
use crate::spec::{Limits, Spec, Temporary};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// What a program's init tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// Sent by the process that is about to become the program, so that the cloud learns its number.
    Program,
    /// It runs; whether the kernel holds it to its number of processes.
    Started { bounded: bool },
    /// It cannot be started: the system's error number.
    NotStarted(i32),
    /// The walls cannot be built.
    NoWalls(String),
    /// It has ended, with this status of wait(2).
    Ended(i32),
}

impl Report {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Program => b"program".to_vec(),
            Self::Started { bounded: true } => b"bounded".to_vec(),
            Self::Started { bounded: false } => b"started".to_vec(),
            Self::NotStarted(error) => format!("not started {error}").into_bytes(),
            Self::NoWalls(reason) => format!("no walls {reason}").into_bytes(),
            Self::Ended(status) => format!("ended {status}").into_bytes(),
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        Some(match text {
            "program" => Self::Program,
            "bounded" => Self::Started { bounded: true },
            "started" => Self::Started { bounded: false },
            _ => {
                if let Some(error) = text.strip_prefix("not started ") {
                    Self::NotStarted(error.parse().ok()?)
                } else if let Some(reason) = text.strip_prefix("no walls ") {
                    Self::NoWalls(reason.to_owned())
                } else {
                    Self::Ended(text.strip_prefix("ended ")?.parse().ok()?)
                }
            }
        })
    }
}

/// What the launcher found that the system lets it do, and why not more.
pub(super) fn encode_layers(layers: Layers, reason: Option<&str>) -> Vec<u8> {
    let flag = |flag: bool| u8::from(flag).to_string();
    let fields =
        [flag(layers.user), flag(layers.mounts), flag(layers.processes), reason.unwrap_or_default().to_owned()];
    fields.join("\0").into_bytes()
}

pub(super) fn decode_layers(bytes: &[u8]) -> Option<(Layers, Option<String>)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut fields = text.splitn(4, '\0');
    let mut flag = || Some(fields.next()? == "1");
    let layers = Layers { user: flag()?, mounts: flag()?, processes: flag()? };
    let reason = fields.next()?;
    Some((layers, (!reason.is_empty()).then(|| reason.to_owned())))
}

/// # Errors
/// When something has a zero byte in it.
pub(super) fn encode_spec(spec: &Spec) -> io::Result<Vec<u8>> {
    let mut fields = Fields::default();
    fields.text(&spec.program)?;
    fields.text(&spec.directory)?;
    fields.list(&spec.arguments)?;
    fields.list(&spec.read_only)?;
    fields.list(spec.temporary.as_ref().map(|temporary| temporary.size.to_string()))?;
    fields.list(spec.temporary.iter().flat_map(|temporary| &temporary.kept).collect::<Vec<_>>())?;
    fields.text(spec.limits.open_files.to_string())?;
    fields.list(spec.limits.data.map(|data| data.to_string()))?;
    fields.text(spec.limits.processes.to_string())?;
    let names: Vec<&String> = spec.environment.iter().map(|(name, _)| name).collect();
    fields.list(names)?;
    fields.list(spec.environment.iter().map(|(_, value)| value).collect::<Vec<_>>())?;
    Ok(fields.bytes)
}

pub(super) fn decode_spec(bytes: &[u8]) -> Option<Spec> {
    let mut fields = bytes.split(|byte| *byte == 0);
    let fields = &mut fields;
    let program = text(fields)?.into();
    let directory = text(fields)?.into();
    let arguments = list(fields)?;
    let read_only = list(fields)?.pop().map(PathBuf::from);
    let size = list(fields)?.pop();
    let kept = list(fields)?.into_iter().map(PathBuf::from).collect();
    let temporary = match size {
        Some(size) => Some(Temporary { size: size.to_str()?.parse().ok()?, kept }),
        None => None,
    };
    let open_files = number(fields)?;
    let data = match list(fields)?.pop() {
        Some(data) => Some(data.to_str()?.parse().ok()?),
        None => None,
    };
    let limits = Limits { open_files, data, processes: number(fields)?, ..Limits::default() };
    let names = list(fields)?.into_iter().map(|name| name.into_string().ok()).collect::<Option<Vec<String>>>()?;
    let environment = names.into_iter().zip(list(fields)?).collect();
    Some(Spec { program, arguments, environment, directory, read_only, temporary, limits })
}

#[derive(Default)]
struct Fields {
    bytes: Vec<u8>,
}

impl Fields {
    fn text(&mut self, field: impl AsRef<OsStr>) -> io::Result<()> {
        let field = field.as_ref().as_bytes();
        if field.contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an argument, variable or path has a zero byte"));
        }
        self.bytes.extend_from_slice(field);
        self.bytes.push(0);
        Ok(())
    }

    /// How many there are, and each.
    fn list(
        &mut self,
        fields: impl IntoIterator<Item = impl AsRef<OsStr>, IntoIter: ExactSizeIterator>,
    ) -> io::Result<()> {
        let fields = fields.into_iter();
        self.text(fields.len().to_string())?;
        fields.into_iter().try_for_each(|field| self.text(field))
    }
}

fn text<'a>(fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<OsString> {
    fields.next().map(|field| OsString::from_vec(field.to_vec()))
}

fn number<'a>(fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<u64> {
    text(fields)?.to_str()?.parse().ok()
}

fn list<'a>(fields: &mut impl Iterator<Item = &'a [u8]>) -> Option<Vec<OsString>> {
    (0..number(fields)?).map(|_| text(fields)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(spec: &Spec) {
        assert_eq!(decode_spec(&encode_spec(spec).unwrap()).as_ref(), Some(spec));
    }

    #[test]
    fn specs_are_told_as_they_are() {
        let mut spec = Spec {
            program: "/bin/sh".into(),
            arguments: vec!["".into(), OsString::from_vec(b"\xff\n ".to_vec())],
            environment: vec![("A".into(), "".into()), ("B".into(), "=1".into())],
            directory: "/".into(),
            read_only: None,
            temporary: None,
            limits: Limits::default(),
        };
        check(&spec);
        spec.read_only = Some("/a".into());
        spec.limits.data = Some(7);
        spec.temporary = Some(Temporary { size: 1 << 40, kept: Vec::new() });
        check(&spec);
        spec.temporary = Some(Temporary { size: 0, kept: vec!["/tmp/a".into(), "/tmp/b".into()] });
        check(&spec);
        spec.arguments = vec!["a\0b".into()];
        assert!(encode_spec(&spec).is_err());
    }

    #[test]
    fn what_was_cut_short_is_nothing() {
        let spec = b"/bin/sh\0/\x002\0-c\0";
        assert_eq!(decode_spec(spec), None);
    }

    #[test]
    fn reports_are_told_as_they_are() {
        let (started, bounded) = (Report::Started { bounded: false }, Report::Started { bounded: true });
        for report in
            [Report::Program, started, bounded, Report::NotStarted(13), Report::NoWalls("so".into()), Report::Ended(-1)]
        {
            assert_eq!(Report::decode(&report.encode()), Some(report));
        }
        assert_eq!(Report::decode(b"nothing"), None);
    }
}
