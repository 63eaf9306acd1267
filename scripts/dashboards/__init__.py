"""The dashboards as short descriptions; `make dashboards` writes grafana/dashboards/*.json from them."""
