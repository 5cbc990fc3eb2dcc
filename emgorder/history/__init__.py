"""Tests and results on disk over weeks: the folder they are in, an index over it, one person's whole history."""

from emgorder.history.index import History, read_history
from emgorder.history.people import Belongings, belongings, delete_person, export_person
from emgorder.history.places import StoredTest, default_folder, list_tests
from emgorder.history.visits import StoredVisit, person_trends, trends_with, visit_of

__all__ = [
    "Belongings",
    "History",
    "StoredTest",
    "StoredVisit",
    "belongings",
    "default_folder",
    "delete_person",
    "export_person",
    "list_tests",
    "person_trends",
    "read_history",
    "trends_with",
    "visit_of",
]
