"""The Autobahn testsuite, against the site and against Daphne's own WebSockets: `make autobahn`."""
