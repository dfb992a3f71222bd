// The desk stand of a Tapcard kiosk. `make hardware` renders every part of it; on the command line:
//   openscad -D 'part="front"' -D 'display="touch1"' -o front.stl stand.scad
include <dimensions.scad>
include <front.scad>
include <back.scad>
include <feet.scad>
include <clamps.scad>
include <contents.scad>

part = "stand"; // [stand, open, front, back, foot, clamps, fit]
pair = 0;       // which parts must not touch, for part = "fit"

module back_in_place() {
    translate([0, 0, inside]) back();
}

module feet_in_place() {
    for (x = foot_x) translate([x + foot_width / 2, 0, 0]) rotate([0, -90, 0]) foot();
}

module clamps_in_place() {
    rows = clamp_rows();
    for (x = [-clamp_at[0], clamp_at[1]]) {
        translate([middle.x + x, rows[0], clamp_top + clamp_size.z]) mirror([0, 0, 1]) clamp();
        translate([middle.x + x, rows[1], clamp_top + clamp_size.z]) mirror([0, 0, 1]) rotate([0, 0, 180]) clamp();
    }
    translate([reader_middle.x, reader_middle.y, reader_window + reader_ledge + reader_board + reader_parts]) clip();
}

// Standing on the desk as it is used, y away from the visitor and z up.
module on_the_desk() {
    translate([width / 2, 0, rise]) rotate([0, 0, 180]) rotate([90 + tilt, 0, 0]) children();
}

// Parts that must stay apart, by number.
module fit() {
    intersection() {
        union() {
            if (pair == 0) front();
            if (pair == 1) back_in_place();
            if (pair == 2) clamps_in_place();
            if (pair == 3) pi_block();
            if (pair == 4) free_of_metal();
            if (pair == 5) front();
        }
        union() {
            if (pair <= 2) { display_block(); pi_block(); plugs_block(); reader_block(); }
            if (pair == 3) { display_block(); }
            if (pair == 4) { display_block(); pi_block(); plugs_block(); }
            if (pair == 5) { translate([0, 0, hair]) back_in_place(); translate([0, -hair, hair]) feet_in_place(); translate([0, 0, hair]) clamps_in_place(); }
        }
    }
}

if (part == "front") front();
if (part == "back") translate([0, height, plate]) rotate([180, 0, 0]) back();
if (part == "foot") foot();
if (part == "clamps") clamps_on_bed();
if (part == "fit") fit();
if (part == "stand" || part == "open") on_the_desk() {
    color("#93a0ad") front();
    color("black") display_block();
    color("steelblue") picture();
    color("#66727e") feet_in_place();
    if (part == "stand") color("#93a0ad") back_in_place();
    color("darkgreen") pi_block();
    plugs_block();
    reader_block();
    color("orange") clamps_in_place();
}
