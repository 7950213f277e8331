"""``python -m slam_lambda.runtime``"""

from .loop import main

main()
