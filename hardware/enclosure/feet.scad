// One of two feet. Printed on its side, without supports. The profile's x is the stand's z, its y the stand's y.

module profile() {
    front_reach = (8 - rise * sin(tilt)) / cos(tilt);
    toe = on_desk(foot_reach);
    difference() {
        polygon([
            [8, 0], [total, 0], [total, foot_height], [total + 12, foot_height],
            toe + [-4, 6], toe, on_desk(front_reach),
        ]);
        // A window that saves plastic, 10 mm inside the edges.
        offset(4) offset(-14) polygon([
            [total, on_desk(total).y + sole], [total, foot_height], [total + 12, foot_height], toe + [-4, 6], toe,
        ]);
    }
}

module foot() {
    difference() {
        linear_extrude(foot_width) profile();
        for (y = foot_screw_y) translate([total - 1, y, foot_width / 2]) rotate([0, 90, 0]) cylinder(d = pilot, h = 10);
    }
}
