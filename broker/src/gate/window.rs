//! Messages sent at QoS 1 that the client has not yet acknowledged.
//!
//! Clients may acknowledge in any order; the router hears of its messages only in the order it sent them,
//! because it drops a link that does otherwise.

use std::collections::VecDeque;

/// Most messages in flight; also the router's own limit for one link.
const CAPACITY: usize = 100;

/// The messages in flight, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Window {
    last: u16,
    flights: VecDeque<Flight>,
}

#[derive(Debug)]
struct Flight {
    id: u16,
    /// The router's own packet identifier, when the message came from there.
    router: Option<u16>,
    landed: bool,
}

impl Window {
    /// Whether one more message may be sent.
    pub(crate) fn has_room(&self) -> bool {
        self.flights.len() < CAPACITY
    }

    /// The packet identifier for a message that is now sent; `router` is the router's own for it.
    pub(crate) fn send(&mut self, router: Option<u16>) -> u16 {
        loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            if self.flights.iter().all(|it| it.id != self.last) {
                break;
            }
        }
        self.flights.push_back(Flight { id: self.last, router, landed: false });
        self.last
    }

    /// Notes that a message has arrived; an unknown identifier changes nothing.
    pub(crate) fn land(&mut self, id: u16) {
        let Some(at) = self.flights.iter().position(|it| it.id == id) else { return };
        if self.flights[at].router.is_none() {
            self.flights.remove(at);
        } else {
            self.flights[at].landed = true;
        }
    }

    /// The next of the router's packet identifiers that it may be told of.
    pub(crate) fn release(&mut self) -> Option<u16> {
        let oldest = self.flights.iter().position(|it| it.router.is_some())?;
        if !self.flights[oldest].landed {
            return None;
        }
        self.flights.remove(oldest)?.router
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgements_may_come_in_any_order() {
        let mut window = Window::default();
        let ids: Vec<u16> = (0..CAPACITY).map(|_| window.send(None)).collect();
        assert!(!window.has_room());
        for id in ids.iter().rev() {
            window.land(*id);
        }
        assert!(window.flights.is_empty());
    }

    #[test]
    fn the_router_hears_in_its_own_order() {
        let mut window = Window::default();
        let ids = [window.send(Some(7)), window.send(None), window.send(Some(8))];
        window.land(ids[2]);
        assert_eq!(window.release(), None);
        window.land(ids[0]);
        assert_eq!((window.release(), window.release()), (Some(7), Some(8)));
        assert_eq!(window.release(), None);
    }

    #[test]
    fn an_identifier_in_flight_is_not_given_twice() {
        let mut window = Window::default();
        let first = window.send(None);
        for _ in 0..=u16::MAX {
            let id = window.send(None);
            assert_ne!(id, 0);
            assert_ne!(id, first);
            window.land(id);
        }
    }

    #[test]
    fn an_unknown_acknowledgement_changes_nothing() {
        let mut window = Window::default();
        window.send(Some(1));
        window.land(99);
        assert_eq!(window.release(), None);
        assert_eq!(window.flights.len(), 1);
    }
}
