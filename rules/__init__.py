"""What is authored, and what auditors trust: the rule language, versions and releases. Never imports decisioning."""
