"""The worker processes and the tasks that run in them. Imports no HTTP framework.

``pool`` chooses a worker, ``worker`` manages its process, ``worker_process`` has the functions that
run in it beside tasks, and ``tasks`` has the tasks of the API's routes.
"""
