"""The rule builder: conditions put together by choosing, in every form that has some. Its scripts are in static/admin_ui/builder."""
