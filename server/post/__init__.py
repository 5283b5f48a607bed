"""The post: messages out of the outbox by e-mail, SMS or as letters, in words from templates."""
