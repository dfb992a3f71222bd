"""Reads one Type 2 tag through libnfc as sparingly as its interface allows: READ of four pages.

Usage: libnfc_type2.py TERMINAL
"""

import sys

import libnfc
import type2

READ = 0x30

reader = libnfc.Reader(sys.argv[1])
type2.cue()
reader.find()
type2.read(lambda page: reader.ask([READ, page]))
reader.close()
