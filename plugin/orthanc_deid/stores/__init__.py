"""Stores of verified results. `registry` explains how to add one."""
