"""The worker processes and the functions that run in them. Knows no HTTP framework.

``pool`` chooses and watches the workers, ``process`` is what one does beside its tasks, and
``tasks`` has the functions that the routes of the API ask for.
"""
