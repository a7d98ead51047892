"""Other chat servers, each as small as its makers teach it, and none of them slower than it has to be."""
