# What a stranger needs: `make demo` to see it work, `make test` to trust it. `make help` lists the rest.

.PHONY: help demo smoke test test-nfc test-broker contract crates-inc campaign-nfc siege-broker chaos day
.PHONY: screens screens-accept bench bench-kiosk bench-nfc bench-broker bench-cloud build phone packages wiring hardware deb
.DEFAULT_GOAL := help

# The kiosk for the desk and for tests; a kiosk at work is built without `headless`.
FEATURES := --features tapcard-appliance/headless

help:      ## this list
	@grep -h '##' $(MAKEFILE_LIST) | grep -v grep | sed 's/:[^#]*## /  /'

demo: build      ## the whole thing on this desk, with a window; Ctrl-C ends it
	target/debug/demo

smoke: build     ## the whole journey once, without a display; pictures in target/smoke/
	target/debug/smoke

test: build      ## what CI runs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets $(FEATURES) -- -D warnings
	target/venv/bin/typos
	cd cloud-worker/phone && npm test --silent
	cargo test --workspace --no-fail-fast $(FEATURES)
	target/debug/smoke

test-nfc: packages   ## the reader beside programs that nobody here wrote, over every link: a matrix
	cargo test -p tapcard-nfc --test matrix

test-broker: packages phone   ## the broker's clients that nobody here wrote, and all that MQTT 3.1.1 demands
	tests/tools/python-venv
	cargo test -p tapcard-broker --test outside --test conformance

contract:  ## docs/asyncapi.yaml anew from the types in protocol/
	cargo run --quiet -p tapcard-tests --bin asyncapi > target/asyncapi.yaml
	mv target/asyncapi.yaml docs/asyncapi.yaml

crates-inc:  ## the layer's list of crates anew from Cargo.lock
	cargo run --quiet -p tapcard-tests --bin crates_inc > target/crates.inc
	mv target/crates.inc yocto-layer/recipes-tapcard/tapcard-kiosk/tapcard-kiosk-crates.inc

campaign-nfc: packages   ## every fault, 200 meetings a pair of modes, each mode for 60 s: five minutes
	cargo test -p tapcard-nfc --test campaign -- --full

chaos: build     ## exchanges and edits while everything is killed, frozen and lost: ten minutes; TAPCARD_SEED=
	cargo test -p tapcard-tests --test chaos -- --full

day: build       ## a kiosk that collects a thousand cards without a network, and sends them: ten minutes
	TAPCARD_DAY=1000 cargo test -p tapcard-tests --test journeys -- --nocapture a_day_offline

siege-broker:  ## what peaceful clients of the broker feel under attack: target/bench/siege.json
	cargo bench -p tapcard-broker --bench siege

bench: build     ## touch to screen, accept to receipt, edit to phone: target/bench/journey.json
	cargo build --release --workspace $(FEATURES)
	target/release/journey_bench
	cargo bench -p tapcard-appliance --features headless --bench screens

image: packages   ## a card for the Raspberry Pi 4, into target/image/; OPERATOR=cert.pem signs its updates
	tests/tools/packages image
	appliance/image/build $(OPERATOR)

image-test: build  ## the same card in an emulator: started, touched, and looked for in Postgres
	tests/image/run

SCREENS := cargo test -q -p tapcard-appliance --lib --features headless gallery

screens: packages   ## every page of the kiosk in every language and size: target/screens/index.html
	rm -rf target/screens
	TAPCARD_SCREENS=1 $(SCREENS)

screens-accept: packages   ## the same, and the pictures become those that later runs are held against
	rm -rf target/screens
	TAPCARD_SCREENS=1 TAPCARD_ACCEPT=1 $(SCREENS)

bench-kiosk: packages   ## what the kiosk's screens cost in time and memory: target/bench/kiosk.json
	cargo bench -p tapcard-appliance --features headless --bench screens

bench-nfc: packages   ## the reader beside nfcpy, libnfc and Adafruit's driver: target/bench/nfc.json
	cargo bench -p tapcard-nfc --bench reading

bench-cloud: build   ## the worker from end to end, beside COPY and Mosquitto: target/bench/cloud.json
	cargo build --release -p tapcard-broker -p tapcard-cloud-worker
	cargo bench -p tapcard-tests --bench cloud

bench-broker: packages   ## the broker beside Debian's Mosquitto under the same load: target/bench/broker.json
	cargo bench -p tapcard-broker --bench broker

build: packages phone   ## everything that demo, smoke and tests start
	tests/tools/python-venv
	cargo build --workspace $(FEATURES)

phone:     ## the phone's page, into target/phone/dist/
	cloud-worker/phone/build

packages:  ## what is missing of Debian's packages
	tests/tools/packages

deb:       ## the broker's Debian package, into target/debian/; needs `cargo install cargo-deb`
	cargo deb -p tapcard-broker

wiring:    ## what follows from hardware/wiring/pins.toml: tables, drawings' sources, settings
	cargo run --quiet -p tapcard-wiring

hardware:  ## parts to print, drawings and pictures, into target/hardware/
	hardware/build
