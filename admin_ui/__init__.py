"""The pages of marketers and auditors. No logic: each button calls a service, each page a selector."""
