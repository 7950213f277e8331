"""Starts the runtime client. It is a module of its own because Python keeps modules compiled, but not the script."""
import _slam_runtime

if __name__ == "__main__":
    _slam_runtime.main()
