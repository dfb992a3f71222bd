// Every measure of the desk stand, in millimetres. y runs upwards on the face, z from the face (0) backwards, and hence x to
// the left for whoever stands before it.
//
// Sources: outlines and viewing areas of both displays, and the depth of the second: Raspberry Pi's documentation, "Touch
// Display" and "Touch Display 2". Board and holes of the Raspberry Pi: its mechanical drawings. What is marked "measure" has
// no source that we could check: take a calliper to the part in hand before printing.

/* [What is built in] */
display = "touch2"; // [touch1, touch2]
reader = "elechouse"; // [elechouse, adafruit]
tilt = 20; // degrees that the face leans back from upright

/* [Displays: outline, viewing area, depth with its board, thickness of the rim that is clamped] */
touch1 = [[192.96, 110.76], [154.08, 85.92], 20, 3]; // depth and rim: measure
touch2 = [[189.5, 120], [155.5, 88], 15, 3];         // rim: measure

/* [Reader boards, seen with their long side across: measure] */
elechouse = [42.7, 40.4];
adafruit = [117.7, 51]; // as Adafruit gives it for product 364
reader_board = 1.6;  // thickness
reader_parts = 3;    // height of its components, which face backwards
reader_window = 2;   // plastic before the antenna; NFC needs it thin
reader_ledge = 1.5;  // room for solder joints between window and board
reader_apart = 14;   // from the reader's board to the display, whose back is metal

/* [Raspberry Pi 4 or 5] */
pi_board = [85, 56, 1.6];
pi_holes = [58, 49];
pi_hole_inset = 3.5;
pi_tallest = 17;      // USB sockets above the board, rounded up
pi_standoff = 5;
pi_plug_power = 36;   // room for a USB-C plug and the bend of its cable
pi_plug_network = 45; // the same for Ethernet

/* [Print] */
bed = [220, 220];
wall = 4;
face = 3;
lip = 2;       // plastic over the display's edge
lip_width = 3; // how much of the edge it covers
gap = 0.5;     // between a part and its recess
pilot = 2.6;   // hole that an M3 screw cuts its thread into
through = 3.4; // hole that an M3 screw passes
pilot_pi = 2.1;
plate = 3;     // back
foot_width = 16;
sole = 8;      // least plastic between the stand and the desk

$fn = 32;
eps = 0.01;

the_display = display == "touch1" ? touch1 : touch2;
outline = the_display[0];
viewing = the_display[1];
depth = the_display[2];
rim = the_display[3];
board = reader == "adafruit" ? adafruit : elechouse;

// The outside is the same for all variants, so that back and feet fit every face.
widest = [max(touch1[0].x, touch2[0].x), max(touch1[0].y, touch2[0].y)];
deepest = max(touch1[2], touch2[2]);
tallest_board = max(elechouse.y, adafruit.y);
margin_top = 10;
margin_bottom = 6;

width = widest.x + 2 * (gap + wall);
reader_zone = [wall + margin_bottom, wall + margin_bottom + tallest_board + 2 * gap]; // y from, to
display_zone = [reader_zone[1] + reader_apart, reader_zone[1] + reader_apart + widest.y + 2 * gap];
height = display_zone[1] + margin_top + wall;
air = 4; // between the display's back and the Raspberry Pi's sockets
inside = lip + deepest + air + pi_tallest + pi_board.z + pi_standoff; // z of the back's inner side
total = inside + plate;

middle = [width / 2, (display_zone[0] + display_zone[1]) / 2];
reader_middle = [width / 2, (reader_zone[0] + reader_zone[1]) / 2];

// The Raspberry Pi hangs on the back, sockets towards the display, its header down towards the reader; then its Ethernet
// points to higher x and its USB-C up. Its corner is that of the SD card and the header.
pi_corner = [width / 2 - pi_board.x + 15, display_zone[0] + 8];
function pi_hole_at() = [for (x = [0, pi_holes.x], y = [0, pi_holes.y])
    pi_corner + [pi_hole_inset + x, pi_hole_inset + y]];

post = 4; // radius of the corner posts
function post_at() = [for (x = [wall + post - 1, width - wall - post + 1], y = [wall + post - 1, height - wall - post + 1]) [x, y]];

clamp_at = [55, 55]; // left and right of the middle
clamp_size = [32, 4, 4]; // length, plastic behind the screws, thickness
clamp_reach = 4;         // onto the display's rim
clamp_screws = 16;       // apart
clamp_off = 4.5;         // from the recess to the screws
clamp_top = max(14, lip + rim); // z of the bosses, tall enough for a thread
clip_size = [board.x + 24, 10, 3];
clip_screws = board.x + 14;

foot_x = [38, width - 38];
foot_screw_y = [26, 70];
foot_height = 88;
foot_reach = 130; // from the face's lower edge to the rearmost point on the desk

// From (y, z) of the stand to the height over the desk and the distance behind the face's lower edge.
rise = total * sin(tilt) + sole;
function on_desk(reach) = [rise * sin(tilt) + reach * cos(tilt), reach * sin(tilt) - rise * cos(tilt)]; // z, y
centre_reach = height / 2 * sin(tilt) + total / 2 * cos(tilt);

assert(width <= bed.x && height <= bed.y, "the face is larger than the bed");
assert(reader_window <= 3, "more than 3 mm of plastic before the antenna");
assert(reader_apart >= 10, "the display's metal is too near to the antenna");
assert(outline.x - viewing.x > 4 * lip_width && outline.y - viewing.y > 4 * lip_width, "the lip may cover the picture");
assert(pi_corner.x > wall + 20, "no room for the SD card's edge");
assert(pi_corner.x + pi_board.x + pi_plug_network < width - wall, "no room for the network plug");
assert(pi_corner.y + pi_board.y + pi_plug_power < height - wall, "no room for the power plug");
assert(pi_corner.y > reader_zone[1] + 10, "the Raspberry Pi is behind the antenna");
assert(rim <= depth, "the rim is thicker than the display");
assert(clamp_off + clamp_size.y < min(margin_top, reader_apart), "no room for the clamps");
assert(clip_size.x < width - 2 * wall - 4 * post, "the clip does not fit between the posts");
assert(centre_reach > 40 && foot_reach - centre_reach > 40, "it may tip over");
