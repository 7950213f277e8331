//! The bytes of objects and parts: one file each under `<data>/s3/<2 hex>/<uuid>`, never named by a key.
//!
//! A file is written before the row that names it (and synced, where power loss must not matter), and removed after it; what a crash leaves in between belongs to
//! nothing and is removed by the sweep.

use crate::error::payload::PayloadError;
use crate::error::{Answer, Fault};
use crate::model::checksum::{Algorithm, Hasher};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http_body_util::StreamBody;
use hyper::body::Frame;
use md5::{Digest, Md5};
use s3s::Body;
use s3s::dto::StreamingBlob;
use slam_cloud_core::Durability;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;

/// Bodies that are received at a time; more wait.
const RECEIVING: usize = 512;
/// Bodies up to this size are read at once.
const AT_ONCE: u64 = 256 * 1024;
/// What is read or copied at a time.
const BUFFER: usize = 256 * 1024;
/// The largest body that one request may bring.
pub const MAX_PUT: u64 = 5 * 1024 * 1024 * 1024;

/// The folder of bodies.
pub struct Bodies {
    root: PathBuf,
    opened: SystemTime,
    durability: Durability,
    places: Semaphore,
}

/// A body that belongs to nothing yet: removed when it is dropped, unless it is kept.
pub struct Draft {
    /// Its id.
    pub id: String,
    /// How many bytes.
    pub size: u64,
    /// Its MD5.
    pub md5: [u8; 16],
    /// Its checksum in the algorithm that was asked for.
    pub checksum: Option<String>,
    path: PathBuf,
    kept: bool,
}

impl Draft {
    /// Its MD5 in hexadecimal.
    pub fn etag(&self) -> String {
        hex::encode(self.md5)
    }

    fn keep_name(&self, durability: Durability) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), |folder| durability.keep_names(folder))
    }

    /// Keeps the body: a row names it.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A file being written, and what is computed of it.
struct Writer {
    draft: Draft,
    file: File,
    md5: Md5,
    hasher: Option<Hasher>,
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.md5.update(bytes);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
        self.draft.size += bytes.len() as u64;
        Ok(())
    }

    fn finish(self, durability: Durability) -> io::Result<Draft> {
        let mut draft = self.draft;
        durability.keep_bytes(&self.file)?;
        draft.keep_name(durability)?;
        draft.md5 = self.md5.finalize().into();
        draft.checksum = self.hasher.map(Hasher::finish);
        Ok(draft)
    }
}

impl Bodies {
    /// Opens the folder.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn open(data: &Path, durability: Durability) -> io::Result<Arc<Self>> {
        let root = data.join("s3");
        std::fs::create_dir_all(&root)?;
        durability.keep_names(data)?;
        Ok(Arc::new(Self { root, opened: SystemTime::now(), durability, places: Semaphore::new(RECEIVING) }))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.root.join(id.get(..2).unwrap_or("00")).join(id)
    }

    fn draft(&self) -> io::Result<Draft> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let path = self.path(&id);
        if let Some(folder) = path.parent()
            && !folder.is_dir()
        {
            std::fs::create_dir_all(folder)?;
            self.durability.keep_names(&self.root)?;
        }
        Ok(Draft { id, size: 0, md5: [0; 16], checksum: None, path, kept: false })
    }

    fn writer(&self, algorithm: Option<Algorithm>) -> io::Result<Writer> {
        let draft = self.draft()?;
        let file = File::options().write(true).create_new(true).mode(0o600).open(&draft.path)?;
        Ok(Writer { draft, file, md5: Md5::new(), hasher: algorithm.map(Algorithm::hasher) })
    }

    /// Takes a request's body to the disk, piece by piece. Between pieces no thread waits for the client.
    ///
    /// # Errors
    /// When the body breaks off, is not what was signed or is larger than S3 takes.
    pub async fn receive(self: &Arc<Self>, body: Option<StreamingBlob>, algorithm: Option<Algorithm>) -> Answer<Draft> {
        // The semaphore is never closed.
        let _place = self.places.acquire().await.ok();
        let mut pieces = Pieces { body, size: 0 };
        let bodies = Arc::clone(self);
        let mut writer = None;
        loop {
            let (piece, is_last) = pieces.next().await?;
            let (bodies, before) = (Arc::clone(&bodies), writer.take());
            let writing = move || -> io::Result<Result<Draft, Writer>> {
                let mut writer = before.map_or_else(|| bodies.writer(algorithm), Ok)?;
                writer.write(&piece)?;
                if is_last { writer.finish(bodies.durability).map(Ok) } else { Ok(Err(writer)) }
            };
            match tokio::task::spawn_blocking(writing).await.map_err(io::Error::other)?? {
                Ok(draft) => return Ok(draft),
                Err(open) => writer = Some(open),
            }
        }
    }

    /// Copies a range of a body.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn copy(self: &Arc<Self>, id: String, range: Range<u64>, algorithm: Option<Algorithm>) -> Answer<Draft> {
        self.join(vec![(id, range)], algorithm).await
    }

    /// Joins ranges of bodies into one.
    ///
    /// # Errors
    /// When they cannot be read or written.
    pub async fn join(
        self: &Arc<Self>,
        sources: Vec<(String, Range<u64>)>,
        algorithm: Option<Algorithm>,
    ) -> Answer<Draft> {
        let bodies = Arc::clone(self);
        let joining = move || -> io::Result<Draft> {
            let mut writer = bodies.writer(algorithm)?;
            let mut buffer = vec![0; BUFFER];
            for (id, range) in sources {
                let mut file = File::open(bodies.path(&id))?;
                file.seek(SeekFrom::Start(range.start))?;
                let mut source = file.take(range.end - range.start);
                loop {
                    let read = source.read(&mut buffer)?;
                    if read == 0 {
                        break;
                    }
                    writer.write(&buffer[..read])?;
                }
            }
            writer.finish(bodies.durability)
        };
        Ok(tokio::task::spawn_blocking(joining).await.map_err(io::Error::other)??)
    }

    /// The same bytes under another id, without copying them: bodies never change.
    ///
    /// # Errors
    /// When the file system refuses.
    pub async fn link(self: &Arc<Self>, id: String) -> Answer<Draft> {
        let bodies = Arc::clone(self);
        let linking = move || -> io::Result<Draft> {
            let mut draft = bodies.draft()?;
            let source = bodies.path(&id);
            if std::fs::hard_link(&source, &draft.path).is_err() {
                std::fs::copy(&source, &draft.path)?;
                bodies.durability.keep_bytes(&File::open(&draft.path)?)?;
            }
            draft.keep_name(bodies.durability)?;
            draft.size = std::fs::metadata(&draft.path)?.len();
            Ok(draft)
        };
        Ok(tokio::task::spawn_blocking(linking).await.map_err(io::Error::other)??)
    }

    /// How many bytes a body has; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub async fn size(&self, id: &str) -> io::Result<Option<u64>> {
        match tokio::fs::metadata(self.path(id)).await {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a range of a body into memory.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(self: &Arc<Self>, id: &str, range: Range<u64>) -> Answer<Bytes> {
        let path = self.path(id);
        let reading = move || -> io::Result<Bytes> {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(range.start))?;
            let mut bytes = Vec::new();
            file.take(range.end - range.start).read_to_end(&mut bytes)?;
            Ok(bytes.into())
        };
        Ok(tokio::task::spawn_blocking(reading).await.map_err(io::Error::other)??)
    }

    /// Reads a range of a body as it is sent.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn stream(self: &Arc<Self>, id: &str, range: Range<u64>) -> Answer<StreamingBlob> {
        let length = range.end - range.start;
        if length <= AT_ONCE {
            return Ok(Body::from(self.read(id, range).await?).into());
        }
        let mut file = tokio::fs::File::open(self.path(id)).await?;
        file.seek(SeekFrom::Start(range.start)).await?;
        let chunks = ReaderStream::with_capacity(file.take(length), BUFFER);
        Ok(Body::http_body_unsync(StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data)))).into())
    }

    /// Removes bodies that belong to nothing any more.
    pub async fn remove(self: &Arc<Self>, ids: impl IntoIterator<Item = String>) {
        let paths: Vec<PathBuf> = ids.into_iter().map(|id| self.path(&id)).collect();
        if paths.is_empty() {
            return;
        }
        // What cannot be removed now is found by the sweep.
        let _ = tokio::task::spawn_blocking(move || {
            for path in paths {
                let _ = std::fs::remove_file(path);
            }
        })
        .await;
    }

    /// Removes all bodies.
    ///
    /// # Errors
    /// When the file system refuses.
    pub async fn clear(&self) -> io::Result<()> {
        tokio::fs::remove_dir_all(&self.root).await?;
        tokio::fs::create_dir_all(&self.root).await
    }

    /// The ids of bodies that were there before this process began, which no upload under way can be writing.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn older_than_process(self: &Arc<Self>) -> io::Result<Vec<String>> {
        let bodies = Arc::clone(self);
        let listing = move || -> io::Result<Vec<String>> {
            let mut ids = Vec::new();
            for folder in std::fs::read_dir(&bodies.root)? {
                for entry in std::fs::read_dir(folder?.path())? {
                    let entry = entry?;
                    if entry.metadata()?.modified()? < bodies.opened {
                        ids.extend(entry.file_name().into_string());
                    }
                }
            }
            Ok(ids)
        };
        tokio::task::spawn_blocking(listing).await.map_err(io::Error::other)?
    }
}

/// A body, cut into pieces for the disk.
struct Pieces {
    body: Option<StreamingBlob>,
    /// How many bytes came.
    size: u64,
}

impl Pieces {
    /// The next piece, and whether it is the last.
    async fn next(&mut self) -> Answer<(Bytes, bool)> {
        let Some(body) = &mut self.body else { return Ok((Bytes::new(), true)) };
        let mut piece = BytesMut::new();
        while piece.len() < BUFFER {
            let Some(chunk) = body.next().await else { return Ok((piece.freeze(), true)) };
            let chunk =
                chunk.map_err(|error| error.downcast::<PayloadError>().map_or(PayloadError::Broken, |error| *error))?;
            self.size += chunk.len() as u64;
            if self.size > MAX_PUT {
                return Err(too_large(self.size, MAX_PUT));
            }
            piece.extend_from_slice(&chunk);
        }
        Ok((piece.freeze(), false))
    }
}

/// `EntityTooLarge`
pub fn too_large(size: u64, most: u64) -> Fault {
    Fault::new("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size")
        .with("ProposedSize", size)
        .with("MaxSizeAllowed", most)
}
