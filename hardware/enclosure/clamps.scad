// What holds display and reader from behind: four clamps for the display's rim, one clip for the reader's board. Printed as
// drawn here, the side that faces backwards on the bed.

module clamp() {
    nose = clamp_top - lip - rim;
    reach = clamp_off + gap + clamp_reach;
    difference() {
        union() {
            translate([-clamp_size.x / 2, -clamp_size.y, 0]) cube([clamp_size.x, clamp_size.y + reach, clamp_size.z]);
            translate([-clamp_size.x / 2, reach - clamp_reach, 0]) cube([clamp_size.x, clamp_reach, clamp_size.z + nose]);
        }
        for (s = [-1, 1]) translate([s * clamp_screws / 2, 0, -1]) cylinder(d = through, h = 9);
    }
}

module clip() {
    difference() {
        translate([-clip_size.x / 2, -clip_size.y / 2, 0]) cube(clip_size);
        for (s = [-1, 1]) translate([s * clip_screws / 2, 0, -1]) cylinder(d = through, h = 9);
    }
}

module clamps_on_bed() {
    for (at = [0 : 3]) translate([clamp_size.x / 2 + (at % 2) * (clamp_size.x + 6), 10 + floor(at / 2) * 20, 0]) clamp();
    translate([clip_size.x / 2, 54, 0]) clip();
}
