"""Plain understanding of English sentences: numbers, dates, references and requests.

Nothing in here knows what a conversation is about; that comes from the tools' schemas.
"""
