//! What the staff does at the screen.

use std::time::Duration;

use tapcard_tests::patience::wait;

use crate::STEP;
use crate::booth::Booth;

/// Where fingers go on the panel, as the pages have their buttons there.
type Place = (usize, usize);
const STAFF: Place = (918, 62);
const PIN: [Place; 4] = [(735, 162), (623, 254), (847, 254), (735, 346)];
const MENU: Place = (935, 46);
const THIS_KIOSK: Place = (824, 455);
const UPDATE: Place = (904, 46);
/// The one action of the page of updates, and where it is blue, beside its word.
const ACTION: Place = (147, 430);
const BLUE: Place = (70, 430);

impl Booth {
    /// The staff goes to the page of updates, and sees that the stick has one.
    pub(crate) fn open_updates(&mut self) -> anyhow::Result<()> {
        self.open_upkeep()?;
        self.see_action(STEP)
    }

    /// The staff takes the settings that are on the stick.
    pub(crate) fn take_settings(&mut self) -> anyhow::Result<()> {
        self.open_upkeep()?;
        // Beside its word, as the first action is blue.
        let seen = wait("the settings", STEP, || Ok(self.machine.is_white(BLUE)?.then_some(())));
        self.explain(seen)?;
        self.machine.keep_picture("settings")?;
        self.machine.touch(ACTION)?;
        self.see_action(STEP)
    }

    fn open_upkeep(&mut self) -> anyhow::Result<()> {
        let ways = [STAFF].into_iter().chain(PIN).chain([MENU, THIS_KIOSK, UPDATE]);
        ways.into_iter().try_for_each(|it| self.machine.touch_away(it, STEP))
    }

    /// Waits until there is something to be done.
    pub(crate) fn see_action(&mut self, patience: Duration) -> anyhow::Result<()> {
        let seen = wait("the action", patience, || Ok(self.machine.is_blue(BLUE)?.then_some(())));
        self.explain(seen)
    }

    /// Does it, and sees that it is being done.
    pub(crate) fn act(&mut self) -> anyhow::Result<()> {
        self.machine.touch(ACTION)?;
        wait("the work", STEP, || Ok((!self.machine.is_blue(BLUE)?).then_some(())))
    }

    /// Has the kiosk start again by its screen.
    pub(crate) fn touch_restart(&mut self) -> anyhow::Result<()> {
        self.machine.before_restart()?;
        self.machine.touch(ACTION)?;
        self.machine.see_restart()
    }
}
