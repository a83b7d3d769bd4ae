"""The test bed: private Asterisks, phones, a trunk's far end, PostgreSQL.

Used by the tests with real calls, `make demo` and the Vagrant proof: only fixtures.py knows pytest.
"""
