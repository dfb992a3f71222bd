//! Who a client is, from its CONNECT and the claims of its token. No clock, no keys.

use rumqttd::protocol::ConnectReturnCode;
use tapcard_protocol::access::Party;
use tapcard_protocol::token::{Claims, Refusal};
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
    /// When its token ends, in seconds since 1970.
    pub expires: u64,
}

/// Admits a client, or says with which code to refuse it: 4 for a bad token, 2 for a client id that is
/// not the token's, 5 for a kept session or a forbidden last will.
pub(crate) fn admit(
    connect: &Connect,
    claims: Result<Claims, Refusal>,
) -> Result<Admission, ConnectReturnCode> {
    let claims = claims.map_err(|_| ConnectReturnCode::BadUserNamePassword)?;
    let party = claims
        .party()
        .filter(|_| !connect.client_id.is_empty() && claims.cid == connect.client_id)
        .ok_or(ConnectReturnCode::ClientIdentifierNotValid)?;
    let rights = Rights::new(&party, claims.acl);
    let will = match &connect.will {
        Some(it) => Some(rights.will(it).ok_or(ConnectReturnCode::NotAuthorized)?),
        None => None,
    };
    if !connect.clean_session {
        return Err(ConnectReturnCode::NotAuthorized);
    }
    let (client, account) = match party {
        Party::Terminal { account, terminal, .. } => (Client::Terminal(terminal), Some(account)),
        Party::Worker => (Client::Worker(claims.cid), None),
    };
    Ok(Admission { client, account, rights, will, expires: claims.exp })
}

#[cfg(test)]
mod tests {
    use tapcard_protocol::access::Kind;

    use super::*;

    fn claims() -> Claims {
        let (account, terminal) = (AccountId::new(7), TerminalId::new(9));
        let party = Party::Terminal { kind: Kind::Phone, account, terminal };
        Claims::new(&party, terminal.to_string(), 1000, 2000)
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
    fn assert_refused(connect: &Connect, claims: Result<Claims, Refusal>, code: ConnectReturnCode) {
        assert_eq!(admit(connect, claims).unwrap_err(), code);
    }

    #[test]
    fn a_terminal_comes_in_as_what_its_token_says() {
        let admission = admit(&connect("0000000000009"), Ok(claims())).unwrap();
        assert_eq!(admission.client, Client::Terminal(TerminalId::new(9)));
        assert_eq!((admission.account, admission.expires), (Some(AccountId::new(7)), 2000));
        let worker = Claims::new(&Party::Worker, "worker-1".into(), 1000, 2000);
        let admission = admit(&connect("worker-1"), Ok(worker)).unwrap();
        assert_eq!(admission.client, Client::Worker("worker-1".into()));
    }

    #[test]
    fn every_reason_has_its_code() {
        let own = connect("0000000000009");
        for refusal in [Refusal::Expired, Refusal::Forged, Refusal::UnknownKey] {
            assert_refused(&own, Err(refusal), ConnectReturnCode::BadUserNamePassword);
        }
        let foreign = ConnectReturnCode::ClientIdentifierNotValid;
        assert_refused(&connect("000000000000a"), Ok(claims()), foreign);
        assert_refused(&connect(""), Ok(Claims { cid: String::new(), ..claims() }), foreign);
        assert_refused(&own, Ok(Claims { kind: Kind::Worker, ..claims() }), foreign);
        let kept = Connect { clean_session: false, ..own };
        assert_refused(&kept, Ok(claims()), ConnectReturnCode::NotAuthorized);
    }
}
