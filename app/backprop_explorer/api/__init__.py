"""HTTP and JSON: schemas, routers, errors. Knows the experiments; nothing knows it but main."""
