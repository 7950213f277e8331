//! Turns s3s's documents of single operations into AWS's where they differ.

/// GetBucketLocation: an element without content is written as one tag (asserted on AWS:
/// test_response_structure_get_bucket_location).
pub fn location(xml: &str) -> String {
    xml.replace("></LocationConstraint>", "/>")
}

/// GetObjectAttributes: its order, on which Java's SDK depends (asserted on AWS:
/// test_response_structure_get_obj_attrs), and entity tags without quotes.
pub fn attributes(xml: &str) -> String {
    let mut rest = xml.replace("<ETag>\"", "<ETag>").replace("\"</ETag>", "</ETag>");
    let mut ordered = String::new();
    for name in ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some(begin) = rest.find(&open)
            && let Some(length) = rest[begin..].find(&close)
        {
            ordered.extend(rest.drain(begin..begin + length + close.len()));
        }
    }
    match rest.find("</GetObjectAttributesResponse>") {
        Some(end) => rest.insert_str(end, &ordered),
        // Nothing was asked for that this object has: the element is one tag.
        None => return rest,
    }
    rest
}

/// ListBuckets: the owner stands before the buckets, on which Java's SDK depends (asserted on AWS:
/// test_response_structure), and buckets have their ARNs.
pub fn buckets(xml: &str, partition: &str) -> String {
    bucket_arns(&before(xml, &["<Buckets>", "<Buckets/>"], &["Owner"]), partition)
}

/// ListObjects and ListObjectsV2: what is listed comes last (asserted on AWS: test_response_structure).
pub fn objects(xml: &str) -> String {
    before(xml, &["<Contents>", "<CommonPrefixes>"], &["Delimiter", "EncodingType"])
}

/// Moves elements of the outermost one before the first of some tags.
fn before(xml: &str, tags: &[&str], moved: &[&str]) -> String {
    let Some(at) = tags.iter().filter_map(|tag| xml.find(tag)).min() else { return xml.to_owned() };
    let (mut front, mut rest) = (xml[..at].to_owned(), xml[at..].to_owned());
    for name in moved {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        if let Some(begin) = rest.rfind(&open)
            && let Some(length) = rest[begin..].find(&close)
        {
            front.extend(rest.drain(begin..begin + length + close.len()));
        }
    }
    front + &rest
}

/// The ARNs of buckets, which s3s's shapes lack (recorded: test_list_buckets_with_max_buckets).
fn bucket_arns(xml: &str, partition: &str) -> String {
    let mut parts = xml.split("</Name>").peekable();
    let mut told = String::with_capacity(xml.len());
    while let Some(part) = parts.next() {
        told.push_str(part);
        if parts.peek().is_some() {
            let name = part.rsplit_once("<Name>").map_or("", |(_, name)| name);
            told.push_str(&format!("</Name><BucketArn>arn:{partition}:s3:::{name}</BucketArn>"));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_become_those_of_aws() {
        assert_eq!(location("<LocationConstraint></LocationConstraint>"), "<LocationConstraint/>");
        assert_eq!(
            location("<LocationConstraint>EU</LocationConstraint>"),
            "<LocationConstraint>EU</LocationConstraint>"
        );
        assert_eq!(
            attributes(
                "<GetObjectAttributesResponse><Checksum>c</Checksum><ETag>\"e\"</ETag><ObjectSize>1</ObjectSize>\
                 <StorageClass>s</StorageClass></GetObjectAttributesResponse>"
            ),
            "<GetObjectAttributesResponse><ETag>e</ETag><Checksum>c</Checksum><StorageClass>s</StorageClass>\
             <ObjectSize>1</ObjectSize></GetObjectAttributesResponse>"
        );
        assert_eq!(
            bucket_arns("<Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket>", "aws"),
            "<Bucket><Name>a</Name><BucketArn>arn:aws:s3:::a</BucketArn></Bucket>\
             <Bucket><Name>b</Name><BucketArn>arn:aws:s3:::b</BucketArn></Bucket>"
        );
        assert_eq!(
            buckets("<L><Buckets></Buckets><Owner>o</Owner></L>", "aws"),
            "<L><Owner>o</Owner><Buckets></Buckets></L>"
        );
        assert_eq!(
            objects(
                "<L><Name>n</Name><Contents>c</Contents><CommonPrefixes>p</CommonPrefixes><Delimiter>/</Delimiter></L>"
            ),
            "<L><Name>n</Name><Delimiter>/</Delimiter><Contents>c</Contents><CommonPrefixes>p</CommonPrefixes></L>"
        );
    }
}
