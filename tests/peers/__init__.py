"""The other end of every scenario: clients that speak as a user's would, and some that misbehave on purpose."""
