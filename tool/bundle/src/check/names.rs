//! Which distribution brings a module, where their names differ.

/// Modules by name, each with the distribution whose wheel has it.
const BRINGS: [(&str, &str); 96] = [
    ("Crypto", "pycryptodome"),
    ("Cryptodome", "pycryptodomex"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "pillow"),
    ("absl", "absl-py"),
    ("allauth", "django-allauth"),
    ("attr", "attrs"),
    ("axes", "django-axes"),
    ("barcode", "python-barcode"),
    ("bootstrap4", "django-bootstrap4"),
    ("bs4", "beautifulsoup4"),
    ("bson", "pymongo"),
    ("compressor", "django-compressor"),
    ("corsheaders", "django-cors-headers"),
    ("crispy_forms", "django-crispy-forms"),
    ("csp", "django-csp"),
    ("cv2", "opencv-python-headless"),
    ("dateutil", "python-dateutil"),
    ("debug_toolbar", "django-debug-toolbar"),
    ("decouple", "python-decouple"),
    ("discord", "discord.py"),
    ("django_filters", "django-filter"),
    ("dns", "dnspython"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("engineio", "python-engineio"),
    ("environ", "django-environ"),
    ("faiss", "faiss-cpu"),
    ("ffmpeg", "ffmpeg-python"),
    ("fitz", "PyMuPDF"),
    ("fpdf", "fpdf2"),
    ("git", "GitPython"),
    ("github", "PyGithub"),
    ("gitlab", "python-gitlab"),
    ("google.api_core", "google-api-core"),
    ("google.auth", "google-auth"),
    ("google.genai", "google-genai"),
    ("google.generativeai", "google-generativeai"),
    ("google.oauth2", "google-auth"),
    ("google.protobuf", "protobuf"),
    ("googleapiclient", "google-api-python-client"),
    ("gridfs", "pymongo"),
    ("guardian", "django-guardian"),
    ("haystack", "django-haystack"),
    ("health_check", "django-health-check"),
    ("hijack", "django-hijack"),
    ("imagekit", "django-imagekit"),
    ("import_export", "django-import-export"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("kafka", "kafka-python"),
    ("keycloak", "python-keycloak"),
    ("magic", "python-magic"),
    ("model_utils", "django-model-utils"),
    ("modelcluster", "django-modelcluster"),
    ("mpl_toolkits", "matplotlib"),
    ("mptt", "django-mptt"),
    ("multipart", "python-multipart"),
    ("nacl", "PyNaCl"),
    ("ninja", "django-ninja"),
    ("oauth2_provider", "django-oauth-toolkit"),
    ("phonenumber_field", "django-phonenumber-field"),
    ("pkg_resources", "setuptools<82"),
    ("playhouse", "peewee"),
    ("polymorphic", "django-polymorphic"),
    ("pptx", "python-pptx"),
    ("psycopg", "psycopg[binary]"),
    ("psycopg2", "psycopg2-binary"),
    ("pythonjsonlogger", "python-json-logger"),
    ("rapidjson", "python-rapidjson"),
    ("rest_framework", "djangorestframework"),
    ("rest_framework_nested", "drf-nested-routers"),
    ("rest_framework_simplejwt", "djangorestframework-simplejwt"),
    ("reversion", "django-reversion"),
    ("ruamel", "ruamel.yaml"),
    ("sass", "libsass"),
    ("serial", "pyserial"),
    ("silk", "django-silk"),
    ("simple_history", "django-simple-history"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slugify", "python-slugify"),
    ("socketio", "python-socketio"),
    ("socks", "PySocks"),
    ("solo", "django-solo"),
    ("speech_recognition", "SpeechRecognition"),
    ("stdnum", "python-stdnum"),
    ("storages", "django-storages"),
    ("taggit", "django-taggit"),
    ("telebot", "pyTelegramBotAPI"),
    ("telegram", "python-telegram-bot"),
    ("treebeard", "django-treebeard"),
    ("waffle", "django-waffle"),
    ("widget_tweaks", "django-widget-tweaks"),
    ("yaml", "PyYAML"),
    ("zmq", "pyzmq"),
];

/// Modules that have left Python's standard library: with which minor version, and the distribution that brings each again.
/// <https://docs.python.org/3/whatsnew/3.12.html#removed>, <https://docs.python.org/3/whatsnew/3.13.html#removed-modules-and-apis>
const LEFT: [(&str, u32, Option<&str>); 21] = [
    ("aifc", 13, Some("standard-aifc")),
    ("asynchat", 12, Some("pyasynchat")),
    ("asyncore", 12, Some("pyasyncore")),
    ("audioop", 13, Some("audioop-lts")),
    ("cgi", 13, Some("legacy-cgi")),
    ("cgitb", 13, Some("legacy-cgi")),
    ("chunk", 13, Some("standard-chunk")),
    ("crypt", 13, Some("standard-crypt")),
    // That of setuptools is there only once setuptools was imported.
    ("distutils", 12, None),
    ("imghdr", 13, Some("standard-imghdr")),
    ("imp", 12, None),
    ("lib2to3", 13, None),
    ("mailcap", 13, Some("standard-mailcap")),
    ("nntplib", 13, Some("standard-nntplib")),
    ("pipes", 13, Some("standard-pipes")),
    ("smtpd", 12, Some("standard-smtpd")),
    ("sndhdr", 13, Some("standard-sndhdr")),
    ("sunau", 13, Some("standard-sunau")),
    ("telnetlib", 13, Some("standard-telnetlib")),
    ("uu", 13, Some("standard-uu")),
    ("xdrlib", 13, Some("standard-xdrlib")),
];

/// What projects call modules of their own: who adds the distribution of such a name adds a stranger.
const OWN: [&str; 30] = [
    "api",
    "app",
    "application",
    "apps",
    "backend",
    "common",
    "config",
    "constants",
    "core",
    "database",
    "db",
    "forms",
    "handlers",
    "helpers",
    "lib",
    "main",
    "models",
    "routers",
    "routes",
    "schemas",
    "server",
    "services",
    "settings",
    "src",
    "tasks",
    "tests",
    "urls",
    "utils",
    "views",
    "wsgi",
];

/// Whether projects call modules of their own so.
pub(super) fn is_own_by_custom(module: &str) -> bool {
    OWN.contains(&module)
}

/// Packages whose parts come from several distributions.
const NAMESPACES: [&str; 4] = ["azure", "google", "ruamel", "zope"];

/// Whether the parts of a package come from several distributions.
pub(super) fn is_namespace(package: &str) -> bool {
    NAMESPACES.contains(&package)
}

/// The distribution that brings a module: by custom it has the module's name, with dashes. `line` is the line that imports
/// it: of a namespace Python says only that all of it is missing.
pub(super) fn distribution_of(module: &str, line: &str) -> Option<String> {
    let top = module.split('.').next().unwrap_or(module);
    let whole =
        if is_namespace(top) { whole(top, line).unwrap_or_else(|| module.to_owned()) } else { module.to_owned() };
    let parts: Vec<&str> = whole.split('.').collect();
    let known = (1..=parts.len()).rev().find_map(|length| brings(&parts[..length].join(".")));
    match (known, parts.as_slice()) {
        (Some(known), _) => Some(known.to_owned()),
        (None, ["google", "cloud", part, ..]) => Some(format!("google-cloud-{part}")),
        (None, ["zope", part, ..]) => Some(format!("zope.{part}")),
        (None, ["azure", part, rest @ ..]) => {
            let of_package = rest.first().filter(|part| part.starts_with(char::is_lowercase));
            Some(of_package.map_or_else(|| format!("azure-{part}"), |inner| format!("azure-{part}-{inner}")))
        }
        (None, [namespace, ..]) if is_namespace(namespace) => None,
        (None, _) => Some(top.replace('_', "-")),
    }
}

/// Since which Python a module is no part of it any more, and the distribution that brings it again.
pub(super) fn left_python(module: &str, python: &str) -> Option<(String, Option<&'static str>)> {
    let minor: u32 = python.strip_prefix("3.")?.parse().ok()?;
    let (_, since, again) = LEFT.iter().find(|(name, since, _)| *name == module && minor >= *since)?;
    Some((format!("3.{since}"), *again))
}

/// Whether a module is part of this Python, and of no later one.
pub(super) fn is_still_python(module: &str, python: &str) -> bool {
    LEFT.iter().any(|(name, ..)| *name == module) && left_python(module, python).is_none()
}

fn brings(module: &str) -> Option<&'static str> {
    BRINGS.binary_search_by_key(&module, |(name, _)| name).ok().map(|found| BRINGS[found].1)
}

/// The module of a namespace that a line imports: `from google.cloud import storage`.
fn whole(namespace: &str, line: &str) -> Option<String> {
    let words: Vec<&str> = line.split([' ', ',', '(', ';']).filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|word| *word == namespace || word.starts_with(&format!("{namespace}.")))?;
    let taken = words.get(at + 1).filter(|word| **word == "import").and_then(|_| words.get(at + 2));
    Some(taken.map_or_else(|| words[at].to_owned(), |taken| format!("{}.{taken}", words[at])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_their_names() {
        assert!(BRINGS.is_sorted_by_key(|(name, _)| *name));
        for (module, line, expected) in [
            ("yaml", "", Some("PyYAML")),
            ("PIL.Image", "", Some("pillow")),
            ("flask_httpauth", "", Some("flask-httpauth")),
            ("requests", "", Some("requests")),
            ("google.cloud.storage", "", Some("google-cloud-storage")),
            ("google", "from google.cloud import storage, pubsub", Some("google-cloud-storage")),
            ("google", "import google.auth.transport.requests as r", Some("google-auth")),
            ("google", "from google.protobuf import message", Some("protobuf")),
            ("google", "load()", None),
            ("azure", "from azure.storage.blob import BlobServiceClient", Some("azure-storage-blob")),
            ("azure", "from azure.identity import DefaultAzureCredential", Some("azure-identity")),
            ("zope", "from zope.interface import Interface", Some("zope.interface")),
            ("ruamel", "import ruamel.yaml", Some("ruamel.yaml")),
        ] {
            assert_eq!(distribution_of(module, line).as_deref(), expected, "{module} {line}");
        }
    }

    #[test]
    fn what_left_python_is_known_by_the_version() {
        assert!(LEFT.is_sorted_by_key(|(name, ..)| *name));
        assert_eq!(left_python("cgi", "3.12"), None);
        assert_eq!(left_python("cgi", "3.13"), Some(("3.13".to_owned(), Some("legacy-cgi"))));
        assert!(is_still_python("cgi", "3.12") && !is_still_python("cgi", "3.13") && !is_still_python("json", "3.12"));
        assert_eq!(left_python("distutils", "3.14"), Some(("3.12".to_owned(), None)));
    }
}
