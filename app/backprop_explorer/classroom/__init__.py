"""Live classes: a lecturer shows, asks and sees; students follow and answer.

codes         codes of rooms, keys and tokens
rates         rate limits
room          a room's state, what the lecturer shows, and what all may see of it
requests      the bodies of requests
spec          what a question asks, as it is stored
formulas      wrong variants of a formula, for questions about formulas
whole_working a question about all lines of a working
questions     tasks that prepare questions and mark answers
tally         what the lecturer sees, and the table to take away
store         where rooms are kept: SQLite, or Redis for several servers
store_thread  runs the calls of the store, many in one transaction
listeners     who listens on one server
streams       the event streams of one server
access        opens rooms, and knows who may do what
rooms         changes rooms, and tells all who follow
marking       marks answers at once, and finds the mistakes afterwards
asking        asks questions and takes answers

Nothing here knows HTTP. A room has no names: students are random tokens, of which the store keeps
hashes.
"""
