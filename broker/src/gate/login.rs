//! Who a client is, from its CONNECT and the claims of its token. No clock, no keys.

use rumqttd::protocol::ConnectReturnCode;
use tapcard_protocol::access::{Kind, Party};
use tapcard_protocol::token::{Refusal, Verified};
use tapcard_protocol::{AccountId, TerminalId};

use super::access::{Rights, Will};
use super::codec::Connect;

/// Of which there is at most one connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// A terminal.
    Terminal(TerminalId),
    /// A worker, by its client id.
    Worker(String),
}

impl std::fmt::Display for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Client::Terminal(it) => it.fmt(f),
            Client::Worker(it) => f.write_str(it),
        }
    }
}

/// What a token says, and the key that has signed it.
#[derive(Debug)]
pub(crate) struct Proven {
    /// What it says.
    pub verified: Verified,
    /// The version of the file that brought the key.
    pub since: u64,
}

/// What a token's worth hangs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// The name of the key that signed it.
    pub kid: String,
    /// Which of the keys of this name it was.
    pub since: u64,
    /// The kind of client that it signed for.
    pub kind: Kind,
}

/// A client that may come in.
#[derive(Debug)]
pub(crate) struct Admission {
    /// Who it is.
    pub client: Client,
    /// Its account, if it is a terminal.
    pub account: Option<AccountId>,
    /// What it may do.
    pub rights: Rights,
    /// What is published when it goes without a word.
    pub will: Option<Will>,
    /// When its token was signed, in seconds since 1970.
    pub signed: u64,
    /// When its token ends, in seconds since 1970.
    pub expires: u64,
    /// Who signed it.
    pub signature: Signature,
}

/// Admits a client, or says with which code to refuse it: 4 for a bad token, 2 for a client id that is
/// not the token's, 5 for a kept session or a forbidden last will.
pub(crate) fn admit(
    connect: &Connect,
    proven: Result<Proven, Refusal>,
) -> Result<Admission, ConnectReturnCode> {
    let proven = proven.map_err(|_| ConnectReturnCode::BadUserNamePassword)?;
    let admission = admission(proven)
        .filter(|(_, client_id)| !client_id.is_empty() && *client_id == connect.client_id);
    let (admission, _) = admission.ok_or(ConnectReturnCode::ClientIdentifierNotValid)?;
    let will = match &connect.will {
        Some(it) => Some(admission.rights.will(it).ok_or(ConnectReturnCode::NotAuthorized)?),
        None => None,
    };
    if !connect.clean_session {
        return Err(ConnectReturnCode::NotAuthorized);
    }
    Ok(Admission { will, ..admission })
}

/// What a fresh token says, if it is one of the same client.
pub(crate) fn admit_again(
    proven: Result<Proven, Refusal>,
    client: &Client,
    account: Option<AccountId>,
) -> Option<Admission> {
    let (admission, _) = admission(proven.ok()?)?;
    (admission.client == *client && admission.account == account).then_some(admission)
}

/// What a token says, and for which client id; none when its ids and its kind do not fit together.
fn admission(Proven { verified, since }: Proven) -> Option<(Admission, String)> {
    let Verified { claims, kid } = verified;
    let party = claims.party()?;
    let rights = Rights::new(&party, claims.acl);
    let (client, account) = match party {
        Party::Terminal { account, terminal, .. } => (Client::Terminal(terminal), Some(account)),
        Party::Worker => (Client::Worker(claims.cid.clone()), None),
    };
    let signature = Signature { kid, since, kind: claims.kind };
    let (signed, expires) = (claims.iat, claims.exp);
    let admission = Admission { client, account, rights, will: None, signed, expires, signature };
    Some((admission, claims.cid))
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::token::Claims;

    use super::*;

    fn claims() -> Claims {
        let (account, terminal) = (AccountId::new(7), TerminalId::new(9));
        let party = Party::Terminal { kind: Kind::Phone, account, terminal };
        Claims::new(&party, terminal.to_string(), 1000, 2000)
    }

    fn verified(claims: Claims) -> Result<Proven, Refusal> {
        Ok(Proven { verified: Verified { claims, kid: "web".into() }, since: 0 })
    }

    fn connect(client_id: &str) -> Connect {
        Connect {
            client_id: client_id.into(),
            password: String::new(),
            clean_session: true,
            keep_alive: 30,
            will: None,
        }
    }

    #[track_caller]
    fn assert_refused(
        connect: &Connect,
        verified: Result<Proven, Refusal>,
        code: ConnectReturnCode,
    ) {
        assert_eq!(admit(connect, verified).unwrap_err(), code);
    }

    #[test]
    fn a_terminal_comes_in_as_what_its_token_says() {
        let admission = admit(&connect("0000000000009"), verified(claims())).unwrap();
        assert_eq!(admission.client, Client::Terminal(TerminalId::new(9)));
        assert_eq!((admission.account, admission.expires), (Some(AccountId::new(7)), 2000));
        assert_eq!((admission.signed, admission.signature.kid.as_str()), (1000, "web"));
        let worker = Claims::new(&Party::Worker, "worker-1".into(), 1000, 2000);
        let admission = admit(&connect("worker-1"), verified(worker)).unwrap();
        assert_eq!(admission.client, Client::Worker("worker-1".into()));
    }

    #[test]
    fn every_reason_has_its_code() {
        let own = connect("0000000000009");
        for refusal in [Refusal::Expired, Refusal::Forged, Refusal::UnknownKey] {
            assert_refused(&own, Err(refusal), ConnectReturnCode::BadUserNamePassword);
        }
        let foreign = ConnectReturnCode::ClientIdentifierNotValid;
        assert_refused(&connect("000000000000a"), verified(claims()), foreign);
        assert_refused(&connect(""), verified(Claims { cid: String::new(), ..claims() }), foreign);
        assert_refused(&own, verified(Claims { kind: Kind::Worker, ..claims() }), foreign);
        let kept = Connect { clean_session: false, ..own };
        assert_refused(&kept, verified(claims()), ConnectReturnCode::NotAuthorized);
    }

    #[test]
    fn a_fresh_token_counts_for_the_same_client_of_the_same_account_only() {
        let (client, account) = (Client::Terminal(TerminalId::new(9)), Some(AccountId::new(7)));
        let fresh = Claims { iat: 1900, exp: 2900, ..claims() };
        let again = admit_again(verified(fresh), &client, account).unwrap();
        assert_eq!((again.signed, again.expires), (1900, 2900));
        let other = Client::Terminal(TerminalId::new(8));
        assert!(admit_again(verified(claims()), &other, account).is_none());
        assert!(admit_again(verified(claims()), &client, Some(AccountId::new(8))).is_none());
        assert!(admit_again(Err(Refusal::Expired), &client, account).is_none());
    }
}
