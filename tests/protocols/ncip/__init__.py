"""Tests of NCIP."""
