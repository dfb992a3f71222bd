use expect_test::{Expect, expect};

use super::*;

fn csv(text: &str) -> Result<Roster, BadRoster> {
    read(Form::Csv, text.as_bytes(), None)
}

/// Row and name of each entry.
fn rows(roster: &Roster) -> Vec<(usize, String)> {
    roster.entries.iter().map(|it| (it.row, it.card.name())).collect()
}

#[track_caller]
fn refuses(form: Form, text: &str, problem: &Expect) {
    problem.assert_eq(&read(form, text.as_bytes(), None).unwrap_err().to_string());
}

#[test]
fn a_table_becomes_cards() {
    let text = "name,title,organisation,mobile,phone,mail,url,address\n\
        Ada Lind,Buyer,Halden,+46701740612,+4687654321,ada@halden.example,halden.example,\"Kaj 1, Lund\"\n";
    let roster = csv(text).unwrap();
    assert_eq!((rows(&roster), roster.warnings.len()), (vec![(2, "Ada Lind".into())], 0));
    let card = &roster.entries[0].card;
    assert_eq!((card.title(), card.organisation()), ("Buyer", "Halden"));
    assert_eq!(card.mails().collect::<Vec<_>>(), ["ada@halden.example"]);
    let phones: Vec<_> = card.phones().map(|it| (it.number, it.mobile)).collect();
    assert_eq!(phones, [("+46701740612", true), ("+4687654321", false)]);
    let vcard = tapcard_protocol::vcard::write(card, tapcard_protocol::vcard::Version::V3);
    for line in ["URL:halden.example", "Kaj 1\\, Lund", "FN:Ada Lind"] {
        assert!(vcard.contains(line), "{line} in {vcard}");
    }
}

#[test]
fn headings_come_in_any_order_and_case_and_with_what_excel_adds() {
    let expected = vec![(2, "Ada Lind".to_owned()), (3, "Bo Ek".to_owned())];
    let plain = "MOBILE;Name\r\n+46701740612; Ada  Lind \r\n;Bo Ek\r\n";
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for bytes in [
        plain.as_bytes().to_vec(),
        plain.trim_end().as_bytes().to_vec(),
        [b"\xef\xbb\xbf", plain.as_bytes()].concat(),
        plain.replace(';', ",").into_bytes(),
        plain.replace(';', "\t").into_bytes(),
        [vec![0xff, 0xfe], wide(&plain.replace(';', "\t"))].concat(),
    ] {
        let roster = read(Form::Csv, &bytes, None).unwrap();
        assert_eq!(rows(&roster), expected);
        assert_eq!(roster.entries[0].card.phones().count(), 1);
        assert!(roster.warnings.is_empty());
    }
    assert_eq!(rows(&csv("name\nAda Lind\nBo Ek\n").unwrap()), expected);
}

#[test]
fn rows_are_counted_as_a_spreadsheet_counts_them() {
    for end in ["\n", "\r\n"] {
        let lines = ["name,title", "\"Ada\nLind\",x", "", ",", "Bo,\"a\nb\n\"", "", "Cy,"];
        let roster = csv(&lines.join(end)).unwrap();
        let expected = [(2, "Ada Lind".into()), (5, "Bo".into()), (7, "Cy".into())];
        assert_eq!(rows(&roster), expected);
    }
}

#[test]
fn a_column_that_is_not_known_is_passed_over_and_named() {
    let roster = csv("name,Hotel,name\nAda,Grand,Bo\n").unwrap();
    assert_eq!(rows(&roster), [(2, "Ada".into())]);
    expect![[r#"
        the column “Hotel” is passed over; known are name, title, organisation, mobile, phone, mail, url, address
        the column “name” is there twice; the first one counts"#]]
    .assert_eq(&roster.warnings.join("\n"));
}

#[test]
fn everything_that_is_wrong_with_a_table_is_said_at_once() {
    refuses(
        Form::Csv,
        "name,mobile,mail\nAda,0701740612,\n,+46701740612,\nBo,+46701740612,\nCy,+12,\nDi,,,x\n",
        &expect![[r#"
            row 2: Ada: “0701740612” is not a phone number that can exist as it stands; write it with + and the country in front, or say the country with --region, such as --region DE
            row 3: there is no name
            row 5: Cy: “+12” is not a phone number that can exist
            row 6: there are more fields than headings"#]],
    );
    refuses(
        Form::Csv,
        "nom,mobile\nAda,\n",
        &expect![
            "there is no column “name”: the first row must hold the headings, such as name, title, organisation, mobile, phone, mail, url, address"
        ],
    );
    refuses(Form::Csv, "name,mobile\n", &expect!["there is no card in this file"]);
    let windows = read(Form::Csv, b"name\nS\xf6der\n", None).unwrap_err().to_string();
    assert!(windows.contains("CSV UTF-8"), "{windows}");
    let many = csv(&format!("name,mail\n{}", ",x\n".repeat(30))).unwrap_err().to_string();
    assert!(many.ends_with("row 21: there is no name\nand 10 more like these"), "{many}");
}

#[test]
fn a_region_makes_numbers_whole() {
    let text = "name,mobile\nAda,0151 12345678\nBo,\n";
    let roster = read(Form::Csv, text.as_bytes(), "DE".parse().ok()).unwrap();
    let number = roster.entries[0].card.phones().next().unwrap().number.to_owned();
    assert_eq!(number, "+4915112345678");
}

#[test]
fn vcards_in_one_file_are_told_apart() {
    let card = |name: &str, more: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\n{more}END:VCARD\r\n")
    };
    let agent = format!("AGENT:\r\n{}", card("Cy", ""));
    let folded = "NOTE:this is\r\n BEGIN:VCARD\r\n";
    let all = card("Ada Lind", folded) + "\r\n" + &card("Bo Ek", &agent) + &card("Di", "");
    let expected = [(1, "Ada Lind".into()), (2, "Bo Ek".into()), (3, "Di".into())];
    let wide: Vec<u8> = all.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bom = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    for bytes in [
        all.clone().into_bytes(),
        all.to_lowercase()
            .replace("ada lind", "Ada Lind")
            .replace("bo ek", "Bo Ek")
            .replace(":di", ":Di")
            .into_bytes(),
        all.replace('\r', "").into_bytes(),
        bom(b"\xef\xbb\xbf", all.as_bytes()),
        bom(b"\xfe\xff", &wide),
    ] {
        assert_eq!(rows(&read(Form::Vcf, &bytes, None).unwrap()), expected);
    }
    refuses(Form::Vcf, "hello", &expect!["there is no card in this file"]);
    let bad = card("Ada", "") + &card("Bo", "TEL:12\r\n") + &card("", "EMAIL:x@y.example\r\n");
    refuses(
        Form::Vcf,
        &bad,
        &expect![[r#"
            card 2: Bo: “12” is not a phone number that can exist as it stands; write it with + and the country in front, or say the country with --region, such as --region DE
            card 3: there is no name"#]],
    );
}
