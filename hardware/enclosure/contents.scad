// What is built in, as blocks: to look at and to check that nothing is in the way of anything. A hair smaller than real, so
// that parts which only touch do not count as colliding.
hair = 0.05;

module block(from, size) {
    translate(from + [hair, hair, hair]) cube(size - 2 * [hair, hair, hair]);
}

module display_block() {
    block([middle.x - outline.x / 2, middle.y - outline.y / 2, lip], [outline.x, outline.y, rim]);
    // Its body leaves free what the clamps need.
    free = clamp_reach;
    block([middle.x - outline.x / 2, middle.y - outline.y / 2 + free, lip + rim - 2 * hair],
        [outline.x, outline.y - 2 * free, depth - rim + 2 * hair]);
}

module picture() {
    translate([middle.x - viewing.x / 2, middle.y - viewing.y / 2, lip - 0.1]) cube([viewing.x, viewing.y, 0.2]);
}

module pi_block() {
    z = inside - pi_standoff - pi_board.z;
    block([pi_corner.x, pi_corner.y, z], pi_board);
    color("silver") block([pi_corner.x + pi_board.x - 21, pi_corner.y + 2, z - pi_tallest + hair], [24, 52, pi_tallest]);
    color("black") block([pi_corner.x + 7, pi_corner.y + 1, z - 8.5 + hair], [51, 5, 8.5]);
}

// Plugs with the bend of their cables, and those of the wires on the header.
module plugs_block() {
    z = inside - pi_standoff - pi_board.z;
    color("dimgray") {
        block([pi_corner.x + pi_board.x + 3, pi_corner.y + 37, z - 14], [pi_plug_network - 3, 16, 14]);
        block([pi_corner.x + 5, pi_corner.y + pi_board.y + 1, z - 8], [12, pi_plug_power, 8]);
        block([pi_corner.x + 7, pi_corner.y + 1, z - 23], [51, 5, 14]);
    }
}

module reader_block() {
    z = reader_window + reader_ledge;
    at = reader_middle - board / 2;
    color("firebrick") block([at.x, at.y, z], [board.x, board.y, reader_board]);
    color("black") block([at.x + 4, at.y + 4, z + reader_board - 2 * hair], [board.x - 8, board.y - 8, reader_parts]);
}

// Behind the antenna there must be no metal; the reader's own wires are unavoidable.
module free_of_metal() {
    at = reader_middle - board / 2;
    translate([at.x - 5, at.y - 5, 0]) cube([board.x + 10, board.y + 10, inside]);
}
