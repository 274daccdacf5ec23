// Ecosystems
