//! A PDF: pages to read, and nothing that runs, fetches or tells who made it.

use lopdf::{Dictionary, Document, LoadOptions, Object};

use super::{Form, Medium, Refused};

/// Most bytes, sent and stored.
const MAX_BYTES: usize = 10_000_000;
/// Most bytes of one part that is packed, unpacked while reading.
const MAX_UNPACKED: usize = 50_000_000;

/// Entries of any dictionary that say who made it, run something when it is opened, or carry files along
/// (ISO 32000-2 §7.5.5, §12.6, §14.3, §14.5).
const DROPPED: [&[u8]; 9] = [
    b"Metadata",
    b"PieceInfo",
    b"LastModified",
    b"AA",
    b"OpenAction",
    b"JavaScript",
    b"EmbeddedFiles",
    b"AF",
    b"XFA",
];
/// Actions that do more than go to a page or a link (ISO 32000-2 §12.6.4).
const ACTIONS: [&[u8]; 8] = [
    b"JavaScript",
    b"Launch",
    b"ImportData",
    b"SubmitForm",
    b"Rendition",
    b"GoToE",
    b"Movie",
    b"RichMediaExecute",
];

/// Takes a PDF.
pub(super) fn take(sent: &[u8]) -> Result<Medium, Refused> {
    if sent.len() > MAX_BYTES {
        return Err(Refused::LongDocument);
    }
    let options =
        LoadOptions { max_decompressed_size: Some(MAX_UNPACKED), ..LoadOptions::default() };
    let mut document =
        Document::load_mem_with_options(sent, options).map_err(|_| Refused::Damaged)?;
    if document.is_encrypted() {
        return Err(Refused::Locked);
    }
    if document.get_pages().is_empty() {
        return Err(Refused::Damaged);
    }
    document.trailer.remove(b"Info");
    document.objects.values_mut().for_each(clean);
    document.prune_objects();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|_| Refused::Damaged)?;
    if bytes.len() > MAX_BYTES {
        return Err(Refused::LongDocument);
    }
    Ok(Medium { form: Form::Pdf, bytes, small: None })
}

fn clean(object: &mut Object) {
    match object {
        Object::Dictionary(it) => clean_entries(it),
        Object::Stream(it) => clean_entries(&mut it.dict),
        Object::Array(them) => them.iter_mut().for_each(clean),
        _ => {}
    }
}

fn clean_entries(it: &mut Dictionary) {
    let acts = it.get(b"S").and_then(Object::as_name).is_ok_and(|it| ACTIONS.contains(&it));
    if acts {
        *it = Dictionary::new();
    }
    for key in DROPPED {
        it.remove(key);
    }
    it.iter_mut().for_each(|(_, it)| clean(it));
}

#[cfg(test)]
mod tests {
    use lopdf::dictionary;

    use super::*;

    /// One empty page; who made it, and a script that runs when it is opened.
    fn pdf() -> Vec<u8> {
        let mut it = Document::with_version("1.7");
        let pages = it.new_object_id();
        let page = it.add_object(dictionary! {
            "Type" => "Page", "Parent" => pages, "MediaBox" => vec![0.into(), 0.into(), 200.into(), 100.into()],
        });
        let kids = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
        it.objects.insert(pages, kids.into());
        let script = it.add_object(dictionary! {
            "S" => "JavaScript", "JS" => Object::string_literal("app.alert(1)"),
        });
        let catalog = it.add_object(
            dictionary! { "Type" => "Catalog", "Pages" => pages, "OpenAction" => script },
        );
        let info = it.add_object(dictionary! { "Author" => Object::string_literal("Lindqvist") });
        it.trailer.set("Root", catalog);
        it.trailer.set("Info", info);
        let mut bytes = Vec::new();
        it.save_to(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_document_keeps_its_pages_and_nothing_that_runs_or_tells() {
        let sent = pdf();
        let is_in = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|it| it == text);
        assert!(is_in(&sent, b"Lindqvist") && is_in(&sent, b"app.alert"));
        let it = take(&sent).unwrap();
        assert_eq!(it.form, Form::Pdf);
        assert!(!is_in(&it.bytes, b"Lindqvist") && !is_in(&it.bytes, b"app.alert"));
        assert_eq!(Document::load_mem(&it.bytes).unwrap().get_pages().len(), 1);
    }

    #[test]
    fn a_document_without_pages_is_none() {
        assert_eq!(take(b"%PDF-1.7\n%%EOF").err(), Some(Refused::Damaged));
        let mut long = pdf();
        long.resize(MAX_BYTES + 1, b' ');
        assert_eq!(take(&long).err(), Some(Refused::LongDocument));
    }
}
