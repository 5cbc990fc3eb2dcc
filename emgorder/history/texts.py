"""Words of the history: of its command, its index, and of exporting and deleting a person."""

from __future__ import annotations

# ---------------------------------------------------------------- the index

INDEX_BUILT = "The index was made anew from the folder."
INDEX_UPDATED = "The index is up to date."
INDEX_DAMAGED = "The index was damaged: the folder was read instead, and the index made anew."
INDEX_OLD = "The index is of another version: the folder was read instead, and the index made anew."
INDEX_BUSY = "The index is in use by another program: the folder was read instead."
INDEX_NOT_WRITTEN = "The index cannot be written ({reason}): the folder was read instead."
INDEX_LINK = "The index is not a plain file: the folder was read instead. Remove {path} to have an index again."

# ---------------------------------------------------------------- lists

FOLDER_UNREADABLE = "cannot be read ({reason}): ask for permission, or choose another folder for the tests"
NO_TESTS = "There are no tests in {folder} yet."
HEAD = "{folder}: {visits} of {people}"
VISIT_ONE, VISIT_MANY = "{count} visit", "{count} visits"
PERSON_ONE, PERSON_MANY = "{count} person", "{count} people"
NAMELESS = "Without a pseudonym"
UNFINISHED = "not finished: there is no result"
UNREADABLE = "cannot be read: {reason}"
NO_SIDES = "no lifts"
NOT_DATED = " (date of the file)"
LABEL = "{side}: "

# ---------------------------------------------------------------- one person

NOT_THERE = "there is nothing of {person} here: `emgorder history {folder}` lists who is"
NO_NAME = "is empty: name a person, for example --person heron-12"
EXPORTED = "Exported {files} of {person} to {target}."
EXPORT_INSIDE = "is inside the folder of tests: choose a place outside it"
EXPORT_THERE = "is there already: choose another name"
ASK_DELETE = "Delete {files} of {person} in {folder} for good? Type yes: "
YES = "yes"
NOT_DELETED = "Nothing was deleted."
NEEDS_YES = "deletes for good and nobody can be asked here: add --yes"
DELETED = "Deleted {files} of {person}."
FILE_ONE, FILE_MANY = "{count} file", "{count} files"
KEPT = "Kept: {path}: {why}"
WHY_MIXED = "it names another person too"
WHY_LINK = "it is a link to somewhere else"
WHY_RUNNING = "it is being recorded"
WHY_UNKNOWN = "it does not say whose it is"
WHY_FAILED = "it cannot be deleted: {reason}"
