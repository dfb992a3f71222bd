// The face with its walls. Printed face down, without supports.

module rounded(size, r) {
    translate([r, r]) offset(r) square([size.x - 2 * r, size.y - 2 * r]);
}

module boss(at, top, hole = pilot) {
    translate([at.x, at.y, 0]) difference() {
        cylinder(d = 8, h = top);
        translate([0, 0, max(face, top - 12)]) cylinder(d = hole, h = top);
    }
}

function clamp_rows() = [for (side = [-1, 1]) middle.y + side * (outline.y / 2 + gap + clamp_off)];

module clamp_bosses() {
    for (y = clamp_rows(), x = [-clamp_at[0], clamp_at[1]], s = [-1, 1])
        boss([middle.x + x + s * clamp_screws / 2, y], clamp_top);
}

module reader_seat() {
    outer = [board.x + 2 * gap + 4, board.y + 2 * gap + 4];
    top = reader_window + reader_ledge + reader_board + 1;
    translate([reader_middle.x, reader_middle.y, 0]) {
        // Corners that hold the board; the sides stay open for its headers.
        difference() {
            translate([-outer.x / 2, -outer.y / 2, 0]) cube([outer.x, outer.y, top]);
            translate([-outer.x / 2 + 2, -outer.y / 2 + 2, -1]) cube([outer.x - 4, outer.y - 4, 20]);
            translate([-outer.x / 2 + 10, -outer.y, reader_window]) cube([outer.x - 20, 2 * outer.y, 20]);
            translate([-outer.x, -outer.y / 2 + 10, reader_window]) cube([2 * outer.x, outer.y - 20, 20]);
        }
        for (x = [-1, 1], y = [-1, 1])
            translate([x * (board.x / 2 + gap - 1.5), y * (board.y / 2 + gap - 1.5), (reader_window + reader_ledge) / 2])
                cube([4, 4, reader_window + reader_ledge], center = true);
    }
    for (s = [-1, 1])
        boss([reader_middle.x + s * clip_screws / 2, reader_middle.y], reader_window + reader_ledge + reader_board + reader_parts);
}

// Rings on the face that say where to touch.
module target() {
    for (r = [8, 14, 20])
        translate([reader_middle.x, reader_middle.y, -eps]) difference() {
            cylinder(r = r, h = 0.4 + eps);
            translate([0, 0, -1]) cylinder(r = r - 1.2, h = 3);
        }
}

module vents(y0, y1) {
    for (x = [40 : 8 : width - 40]) translate([x, y0, inside - 26]) cube([3, y1 - y0, 18]);
}

module front() {
    hole = [outline.x - 2 * lip_width, outline.y - 2 * lip_width];
    difference() {
        union() {
            linear_extrude(face) rounded([width, height], 6);
            difference() {
                linear_extrude(inside) rounded([width, height], 6);
                translate([wall, wall, -1]) linear_extrude(inside + 2) rounded([width - 2 * wall, height - 2 * wall], 3);
            }
            for (at = post_at()) translate([at.x, at.y, 0]) cylinder(r = post, h = inside);
            clamp_bosses();
        }
        // Recess for the display, opening, and a bevel towards the visitor.
        translate([middle.x - outline.x / 2 - gap, middle.y - outline.y / 2 - gap, lip])
            cube([outline.x + 2 * gap, outline.y + 2 * gap, inside]);
        translate([middle.x - hole.x / 2, middle.y - hole.y / 2, -1]) linear_extrude(face + 2) rounded(hole, 3);
        bevel(hole);
        // Window before the antenna.
        translate([reader_middle.x - board.x / 2 - gap, reader_middle.y - board.y / 2 - gap, reader_window])
            cube([board.x + 2 * gap, board.y + 2 * gap, face]);
        target();
        for (at = post_at()) translate([at.x, at.y, inside - 20]) cylinder(d = pilot, h = 30);
        vents(-1, wall + 1);
        vents(height - wall - 1, height + 1);
    }
    reader_seat();
}


module bevel(hole) {
    translate([middle.x, middle.y, -eps]) hull() {
        linear_extrude(eps) square([hole.x + 2.4, hole.y + 2.4], center = true);
        translate([0, 0, 1.2]) linear_extrude(eps) square([hole.x, hole.y], center = true);
    }
}
