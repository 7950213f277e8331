//! Which distribution brings a module, where their names differ.

/// Modules by name, each with the distribution whose wheel has it.
const BRINGS: [(&str, &str); 49] = [
    ("Crypto", "pycryptodome"),
    ("OpenSSL", "pyOpenSSL"),
    ("PIL", "pillow"),
    ("allauth", "django-allauth"),
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("bson", "pymongo"),
    ("corsheaders", "django-cors-headers"),
    ("crispy_forms", "django-crispy-forms"),
    ("cv2", "opencv-python-headless"),
    ("dateutil", "python-dateutil"),
    ("debug_toolbar", "django-debug-toolbar"),
    ("decouple", "python-decouple"),
    ("discord", "discord.py"),
    ("django_filters", "django-filter"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("environ", "django-environ"),
    ("faiss", "faiss-cpu"),
    ("fitz", "PyMuPDF"),
    ("git", "GitPython"),
    ("github", "PyGithub"),
    ("gridfs", "pymongo"),
    ("import_export", "django-import-export"),
    ("jose", "python-jose"),
    ("jwt", "PyJWT"),
    ("magic", "python-magic"),
    ("mptt", "django-mptt"),
    ("multipart", "python-multipart"),
    ("nacl", "PyNaCl"),
    ("ninja", "django-ninja"),
    ("oauth2_provider", "django-oauth-toolkit"),
    ("pptx", "python-pptx"),
    ("psycopg2", "psycopg2-binary"),
    ("rest_framework", "djangorestframework"),
    ("rest_framework_simplejwt", "djangorestframework-simplejwt"),
    ("reversion", "django-reversion"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("slugify", "python-slugify"),
    ("socketio", "python-socketio"),
    ("socks", "PySocks"),
    ("storages", "django-storages"),
    ("taggit", "django-taggit"),
    ("telegram", "python-telegram-bot"),
    ("waffle", "django-waffle"),
    ("yaml", "PyYAML"),
    ("zmq", "pyzmq"),
];

/// The distribution that brings a module: by custom it has the module's name, with dashes.
pub(super) fn distribution_of(module: &str) -> String {
    let top = module.split('.').next().unwrap_or(module);
    // The parts of this namespace are distributions of their own.
    if top == "google"
        && let ["google", "cloud", part, ..] = module.split('.').collect::<Vec<_>>()[..]
    {
        return format!("google-cloud-{part}");
    }
    match BRINGS.binary_search_by_key(&top, |(name, _)| name) {
        Ok(found) => BRINGS[found].1.to_owned(),
        Err(_) => top.replace('_', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_by_their_names() {
        assert!(BRINGS.is_sorted_by_key(|(name, _)| *name));
        for (module, expected) in [
            ("yaml", "PyYAML"),
            ("PIL.Image", "pillow"),
            ("flask_httpauth", "flask-httpauth"),
            ("requests", "requests"),
            ("google.cloud.storage", "google-cloud-storage"),
        ] {
            assert_eq!(distribution_of(module), expected);
        }
    }
}
