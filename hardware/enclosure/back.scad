// The back with the Raspberry Pi's standoffs. Printed outer side down, without supports. z = 0 is its inner side here.

module slots(area, from) {
    for (x = [0 : 7 : area.x]) translate([from.x + x, from.y, -1]) linear_extrude(plate + 2) rounded([3, area.y], 1.4);
}

// Where the cables leave, beyond the sockets, with slits for cable ties below.
cables = [pi_corner.x + pi_board.x + 12, pi_corner.y + 62, 36, 16];

module back() {
    difference() {
        union() {
            linear_extrude(plate) rounded([width, height], 6);
            // A rim that slides into the front's walls.
            translate([0, 0, -3]) linear_extrude(3 + eps) difference() {
                translate([wall + 0.3, wall + 0.3]) rounded([width - 2 * wall - 0.6, height - 2 * wall - 0.6], 3);
                translate([wall + 2, wall + 2]) rounded([width - 2 * wall - 4, height - 2 * wall - 4], 2);
                for (at = post_at()) translate(at) circle(r = post + 2);
            }
            for (at = pi_hole_at()) translate([at.x, at.y, -pi_standoff]) cylinder(d = 7, h = pi_standoff + eps);
        }
        for (at = pi_hole_at()) translate([at.x, at.y, -pi_standoff - 1]) cylinder(d = pilot_pi, h = pi_standoff + plate);
        for (at = post_at()) translate([at.x, at.y, -1]) {
            cylinder(d = through, h = plate + 2);
            translate([0, 0, 1 + plate - 1.7]) cylinder(d1 = through, d2 = through + 3.4 + eps, h = 1.7 + eps);
        }
        for (x = foot_x, y = foot_screw_y) translate([x, y, -1]) cylinder(d = through, h = plate + 2);
        translate([cables[0], cables[1], -1]) linear_extrude(plate + 2) rounded([cables[2], cables[3]], 4);
        for (x = [4, cables[2] - 12], y = [-12, -6])
            translate([cables[0] + x, cables[1] + y, -1]) cube([8, 2.5, plate + 2]);
        slots([pi_board.x - 34, 20], [pi_corner.x + 12, pi_corner.y + 18]);
        slots([pi_board.x - 34, 22], [pi_corner.x + 12, height - 42]);
    }
}
