"""The cloud's adapters: tables, documents, signatures and webhooks, shared by the functions, never
installed on an edge.
"""
